// How somebody likes the timeline on this device: pinned lanes and what the wheel does.
import { readLiked, type Liked } from './liked.ts'

const KEY = 'k1n.timeline'

const stored = (): string | null => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

let liked = $state.raw<Liked>(readLiked(stored()))

const like = (next: Liked): void => {
  liked = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Holds for this page only.
  }
}

export const preferences = {
  pinned: (group: string): readonly string[] => liked.pinned[group] ?? [],
  /** Pins a lane, or lets it go. */
  turnPin(group: string, label: string): void {
    const before = liked.pinned[group] ?? []
    const after = before.includes(label) ? before.filter((one) => one !== label) : [...before, label]
    like({ ...liked, pinned: { ...liked.pinned, [group]: after } })
  },
  get isClassic(): boolean {
    return liked.isClassic
  },
  turnWheel: (): void => like({ ...liked, isClassic: !liked.isClassic }),
}
