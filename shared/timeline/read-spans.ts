// Spans read back: newest first, so many at a time that neither Redis nor this process is held up.
import type { Kernel } from '../kernel/kernel.ts'
import type { SpanRow } from './contract.ts'
import { PROMPT_MS, SPANS_TOGETHER, lateSpansKey, spansKey, unpackSpans } from './spans.ts'

/** About how many spans are read by one command. All of a day in one go would keep every other command of this process
 *  waiting behind the reply, beyond the second a command may take. */
const SLICE = 1_000
/** How many spans are in an entry shows only when it is read: where each of these has as many as it can, ten slices come. */
export const ENTRIES_MAX = (10 * SLICE) / SPANS_TOGETHER

/** The spans of a queue that may touch a time: both streams, each newest first. They are read no further than they are
 *  asked for. */
export const spansWithin = (
  kernel: Kernel,
  queue: string,
  { from, to }: { from: number; to: number },
): AsyncGenerator<SpanRow[]>[] => [
  spansBack(kernel, queue, { key: spansKey(kernel, queue), from, to: to + PROMPT_MS }),
  spansBack(kernel, queue, { key: lateSpansKey(kernel, queue), from, to: Infinity }),
]

interface Stretch {
  key: string
  /** When the spans were put there, epoch ms. */
  from: number
  to: number
}

async function* spansBack({ redis }: Kernel, queue: string, { key, from, to }: Stretch): AsyncGenerator<SpanRow[]> {
  // Nothing was put into a stream before 1970, and such a time is no id.
  if (to < 0) return
  const start = Math.max(0, Math.floor(from))
  let count = SLICE / SPANS_TOGETHER
  for (let end = to === Infinity ? '+' : String(Math.ceil(to)); ;) {
    const entries = await redis.xrevrange(key, end, start, 'COUNT', count)
    const rows = entries.flatMap(([, [, packed = '']]) => unpackSpans(queue, packed).reverse())
    if (rows.length > 0) yield rows
    if (entries.length < count) return
    count = Math.min(ENTRIES_MAX, Math.ceil((SLICE * entries.length) / rows.length))
    end = `(${entries.at(-1)?.[0] ?? '0'}`
  }
}
