// How somebody likes the timeline, as it is stored on this device.

export interface Liked {
  /** Labels by grouping. */
  pinned: Record<string, string[]>
  /** The plain wheel zooms. */
  isClassic: boolean
}

const NONE: Liked = { pinned: {}, isClassic: false }

/** Reads what was stored; what is not as it should be counts as nothing. */
export const readLiked = (text: string | null): Liked => {
  try {
    const { pinned, isClassic } = JSON.parse(text ?? '{}') as Partial<Liked>
    const lists = Object.entries(pinned ?? {}).filter(([, labels]) => Array.isArray(labels))
    return { pinned: Object.fromEntries(lists), isClassic: isClassic === true }
  } catch {
    return NONE
  }
}
