// When events were trimmed before they were read: what they must have told is read from the finished sets instead.
import type { Bull } from '../bullmq/bullmq.ts'
import type { QueueEvent } from '../bullmq/event-streams.ts'
import { spansWithin } from '../timeline/read-spans.ts'
import { unpackSpans } from '../timeline/spans.ts'
import type { SpanState } from '../timeline/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** Clocks of workers set the scores of the finished sets, Redis's clock the ids of the stream; they may differ by this. */
const SKEW_MS = 5_000
/** Jobs read at once, so that Redis is never held up. */
const SLICE = 1_000

const ENDS: ReadonlySet<SpanState> = new Set(['completed', 'failed', 'cancelled'])

const isEnd = (event: string | undefined): boolean => event === 'completed' || event === 'failed'

/** Ends between two positions of a stream, as the events that were lost would have told them; none of those that were `read`
 *  and are told next, as they may be gone from the stream by now. */
export async function* lostEnds(
  kernel: Kernel,
  bull: Bull,
  queue: string,
  from: string,
  to: string,
  read: readonly QueueEvent[] = [],
): AsyncGenerator<QueueEvent[]> {
  const since = Number(from.split('-')[0]) - SKEW_MS
  const until = Number(to.split('-')[0]) + SKEW_MS
  const recorded = await recordedEnds(kernel, queue, since - SKEW_MS)
  const next = new Set(read.filter(({ event }) => isEnd(event)).map(({ jobId }) => jobId))
  for (const event of ['completed', 'failed'] as const) {
    const key = bull.keys(queue)[event]
    for (let offset = 0; ; offset += SLICE) {
      const reply = await kernel.redis.zrangebyscore(key, since, until, 'WITHSCORES', 'LIMIT', offset, SLICE)
      const awaiting = await endsAfter(kernel, bull, queue, to, until + SKEW_MS)
      const isLost = ({ jobId, at }: QueueEvent): boolean =>
        !next.has(jobId) && !awaiting.has(jobId) && !recorded(jobId, at)
      const ends = toEvents(event, reply).filter(isLost)
      if (ends.length > 0) yield ends
      if (reply.length < 2 * SLICE) break
    }
  }
}

const toEvents = (event: 'completed' | 'failed', reply: string[]): QueueEvent[] =>
  Array.from({ length: reply.length / 2 }, (_, index) => {
    const jobId = reply[2 * index] as string
    const at = Number(reply[2 * index + 1])
    return { id: `${at}-0`, at, event, jobId, said: undefined }
  })

/** Jobs whose end is still in the stream, where it will be read in its turn. */
const endsAfter = async (
  kernel: Kernel,
  bull: Bull,
  queue: string,
  from: string,
  untilMs: number,
): Promise<ReadonlySet<string>> => {
  const ended = new Set<string>()
  for (let start = from; ;) {
    const entries = await kernel.redis.xrange(bull.keys(queue).events, start, untilMs, 'COUNT', SLICE)
    for (const [, fields] of entries) {
      const value = (name: string): string | undefined => fields[fields.indexOf(name) + 1]
      if (isEnd(value('event'))) ended.add(value('jobId') ?? '')
    }
    const last = entries.at(-1)?.[0]
    if (last === undefined || entries.length < SLICE) return ended
    start = `(${last}`
  }
}

/** Whether an end near that moment is in the timeline already: it was read before the gap began. */
const recordedEnds = async (
  kernel: Kernel,
  queue: string,
  since: number,
): Promise<(id: string, at: number) => boolean> => {
  const ends = new Map<string, number[]>()
  for (const slices of spansWithin(kernel, queue, { from: since, to: Infinity }))
    for await (const entries of slices)
      for (const { id, start, run, state } of entries.flatMap((packed) => unpackSpans(queue, packed)))
        // An attempt that failed and was tried again is no end, however near it is.
        if (ENDS.has(state)) ends.set(id, [...(ends.get(id) ?? []), start + run])
  return (id, at) => ends.get(id)?.some((end) => Math.abs(end - at) <= SKEW_MS) ?? false
}
