// What rules measured, minute by minute for a day: of each rule the subjects that were worst.
import { z } from 'zod'
import { parseJson } from '../bullmq/raw-job.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Sample } from './policy.ts'
import { RULE_IDS, Subject } from './words.ts'
import type { RuleId } from './words.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const KEPT_S = 26 * 3_600
/** Subjects of a rule that are kept of a minute. */
const WORST = 5

const Trace = z.array(z.tuple([z.object(Subject.shape), z.number()]))
export type Trace = z.output<typeof Trace>

const traceKey = (kernel: Kernel, hour: number): string => kernel.key('alerts', 'seen', hour)

/** The most that each subject had in a minute, of those that had most. */
export const mostOf = (before: Trace, samples: readonly Sample[]): Trace => {
  const most = new Map(before.map((entry) => [entry[0].id, entry]))
  for (const { subject, value } of samples)
    if (value > (most.get(subject.id)?.[1] ?? -Infinity)) most.set(subject.id, [subject, value])
  return [...most.values()].sort((a, b) => b[1] - a[1]).slice(0, WORST)
}

const fieldOf = (rule: RuleId, minute: number): string => `${rule}|${minute}`
const hourOf = (minute: number): number => Math.floor((minute * MINUTE_MS) / HOUR_MS)

/** What somebody else wrote there is passed over. */
const parse = (text: string | null | undefined): Trace | undefined => Trace.safeParse(parseJson(text)).data

/** Makes the function that keeps what a look measured. What others kept of the same minute stays where it is more: a process that
 *  looked before may have been followed by another. */
export const createTracing = (kernel: Kernel) => {
  const keptOf = async (minute: number): Promise<Map<RuleId, Trace>> => {
    const fields = RULE_IDS.map((rule) => fieldOf(rule, minute))
    const texts = await kernel.redis.hmget(traceKey(kernel, hourOf(minute)), ...fields)
    return new Map(
      RULE_IDS.flatMap((rule, n) => {
        const trace = parse(texts[n])
        return trace === undefined ? [] : [[rule, trace] as const]
      }),
    )
  }
  return async (measured: ReadonlyMap<RuleId, readonly Sample[]>): Promise<void> => {
    const now = Math.floor(kernel.clock.now() / MINUTE_MS)
    const kept = await keptOf(now)
    const fields: string[] = []
    for (const [rule, samples] of measured) {
      const before = kept.get(rule) ?? []
      const trace = mostOf(before, samples)
      if (trace.length === 0 || JSON.stringify(trace) === JSON.stringify(before)) continue
      fields.push(fieldOf(rule, now), JSON.stringify(trace))
    }
    if (fields.length === 0) return
    const key = traceKey(kernel, hourOf(now))
    await kernel.redis
      .pipeline()
      .hset(key, ...fields)
      .expire(key, KEPT_S)
      .exec()
  }
}

/** What was kept of a rule between two moments, by minute. */
export const readTraces = async (
  kernel: Kernel,
  rule: RuleId,
  { from, to }: { from: number; to: number },
): Promise<Map<number, Trace>> => {
  const pipeline = kernel.redis.pipeline()
  for (let hour = Math.floor(from / HOUR_MS); hour <= Math.floor(to / HOUR_MS); hour++)
    pipeline.hmget(traceKey(kernel, hour), ...minutesOf(hour).map((minute) => fieldOf(rule, minute)))
  const answers = (await pipeline.exec()) ?? []
  const first = Math.floor(from / HOUR_MS)
  return new Map(
    answers.flatMap(([error, texts], n) => {
      if (error) throw error
      return (texts as (string | null)[]).flatMap((text, minute) => {
        const trace = parse(text)
        return trace === undefined ? [] : [[(first + n) * 60 + minute, trace] as const]
      })
    }),
  )
}

const minutesOf = (hour: number): number[] => Array.from({ length: 60 }, (_, minute) => hour * 60 + minute)
