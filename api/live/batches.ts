// When batches leave, and as what bytes: those who gathered the same by the same moment share one frame.

/** Makes the WebSocket frame of a batch, its head included; those who gathered the same items are given the same bytes. */
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
    setTimeout(
      () => {
        moments.delete(at)
        const now = Date.now()
        const makeFrame = createFrames(now)
        for (const leave of leaving) leave(makeFrame, now)
      },
      Math.max(0, at - Date.now()),
    ).unref()
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
    const frame = frameOf(`{"type":"batch","ts":${now},"items":[${items.join(',')}]}`)
    made.set(first, { items, frame })
    return frame
  }
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index])

const TEXT = 0x81

/** A whole text message. What a server sends is not masked, so that the same bytes do for every client. */
export const frameOf = (text: string): Buffer => {
  const length = Buffer.byteLength(text)
  const start = length < 126 ? 2 : length < 0x10000 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = TEXT
  frame[1] = start === 2 ? length : start === 4 ? 126 : 127
  if (start === 4) frame.writeUInt16BE(length, 2)
  if (start === 10) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.write(text, start)
  return frame
}
