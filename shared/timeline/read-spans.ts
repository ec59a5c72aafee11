// Spans read back: newest first, so many at a time that neither Redis nor this process is held up.
import type { Kernel } from '../kernel/kernel.ts'
import { PROMPT_MS, lateSpansKey, spansKey } from './spans.ts'

/** About how many bytes of spans are read by one command, some thousand of them. All of a day in one go would keep every other command
 *  of this process waiting behind the reply, beyond the second a command may take. */
const SLICE_BYTES = 64 * 1_024
/** How large entries are shows only when they are read. */
const ENTRIES_FIRST = 20
/** Where each of these has as many spans as it can, some ten slices come. */
export const ENTRIES_MAX = 200

/** The spans of a queue that may touch a time, entry by entry as they are packed: both streams, each its newest entry first. They are read
 *  no further than they are asked for. */
export const spansWithin = (
  kernel: Kernel,
  queue: string,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Buffer[]>[] => [
  entriesBack(kernel, { key: spansKey(kernel, queue), from, to: to + PROMPT_MS }),
  entriesBack(kernel, { key: lateSpansKey(kernel, queue), from, to: Infinity }),
]

interface Stretch {
  key: string
  /** When the spans were put there, epoch ms. */
  from: number
  to: number
}

async function* entriesBack({ redis }: Kernel, { key, from, to }: Stretch): AsyncGenerator<Buffer[]> {
  // Nothing was put into a stream before 1970, and such a time is no id.
  if (to < 0) return
  const start = Math.max(0, Math.floor(from))
  let count = ENTRIES_FIRST
  for (let end = to === Infinity ? '+' : String(Math.ceil(to)); ;) {
    const entries = await redis.xrevrangeBuffer(key, end, start, 'COUNT', count)
    const packed = entries.flatMap(([, [, spans]]) => spans ?? [])
    if (packed.length > 0) yield packed
    if (entries.length < count) return
    const bytes = packed.reduce((sum, { length }) => sum + length, 0)
    count = Math.min(ENTRIES_MAX, Math.ceil((SLICE_BYTES * entries.length) / Math.max(1, bytes)))
    end = `(${entries.at(-1)?.[0].toString() ?? '0'}`
  }
}
