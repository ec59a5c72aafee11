// When batches leave, and as what bytes: those who gathered the same by the same moment share one frame.

/** Makes the frame of a batch; those who gathered the same items are given the same bytes. */
export type MakeFrame = (items: readonly string[]) => Buffer

export interface Batches {
  /** Calls `leave` at a moment, in epoch ms, together with all others of that moment. Answers how to call it off. */
  meet(at: number, leave: (makeFrame: MakeFrame, now: number) => void): () => void
}

type Leave = Parameters<Batches['meet']>[1]

export const createBatches = (): Batches => {
  const moments = new Map<number, Set<Leave>>()
  const begin = (at: number): Set<Leave> => {
    const leaving = new Set<Leave>()
    moments.set(at, leaving)
    setTimeout(() => {
      moments.delete(at)
      const now = Date.now()
      const makeFrame = createFrames(now)
      for (const leave of leaving) leave(makeFrame, now)
    }, at - Date.now()).unref()
    return leaving
  }
  return {
    meet(at, leave) {
      const leaving = moments.get(at) ?? begin(at)
      leaving.add(leave)
      return () => leaving.delete(leave)
    },
  }
}

/** The frames of one moment. Writing and encoding one costs more than sending it, so equal ones are made once. */
export const createFrames = (now: number): MakeFrame => {
  const made = new Map<string, { items: readonly string[]; frame: Buffer }>()
  return (items) => {
    const [first = ''] = items
    const known = made.get(first)
    if (known && isSame(known.items, items)) return known.frame
    const frame = Buffer.from(`{"type":"batch","ts":${now},"items":[${items.join(',')}]}`)
    made.set(first, { items, frame })
    return frame
  }
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index])
