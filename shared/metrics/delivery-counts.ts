// Attempts at endpoints as they are counted: by what was answered, and how long that took.
import type { Kernel } from '../kernel/kernel.ts'
import { keptMs, percentile, queuesAgeS, stepOf } from './buckets.ts'
import type { KeyOf } from './buckets.ts'
import { told } from './frame.ts'
import type { Column } from './frame.ts'
import { MINUTE_MS, WIDTHS_MS, slotNo, slotWords } from './slots.ts'
import type { Sums } from './sums.ts'

/** Attempts of one slot: fields are `|<kind>` and `|t<step>`, as no queue is meant. */
export const deliveriesKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'd', ...slotWords(no, widthMs))

const kinds = [
  { key: 'timeout', label: 'Timed out' },
  { key: 'refused', label: 'Not reached' },
  { key: 'status_5xx', label: '5xx' },
  { key: 'status_4xx', label: '4xx' },
  { key: 'status_2xx', label: '2xx' },
] as const
export type DeliveryKind = (typeof kinds)[number]['key']

/** What an attempt counts as. A redirect is not followed, so it is the endpoint's mistake. */
export const deliveryKind = (status: number | null | undefined, error: string | null | undefined): DeliveryKind => {
  if (status == null) return error?.startsWith('timeout') === true ? 'timeout' : 'refused'
  if (status < 300) return 'status_2xx'
  return status < 500 ? 'status_4xx' : 'status_5xx'
}

export interface DeliveryCounts {
  /** Counts an attempt that ended now; what is counted within a second is written together. */
  note(kind: DeliveryKind, ms: number): void
}

const LATER_MS = 1_000

/** A process that dies loses what it counted in its last second. */
export const createDeliveryCounts = (kernel: Kernel): DeliveryCounts => {
  const { redis, clock } = kernel
  let counts = new Map<string, number>()
  const write = async (): Promise<void> => {
    await clock.sleep(LATER_MS)
    const [now, some] = [clock.now(), counts]
    counts = new Map()
    const pipeline = redis.pipeline()
    for (const width of WIDTHS_MS) {
      if (keptMs(width) <= 0) continue
      const key = deliveriesKey(kernel, slotNo(now, width), width)
      for (const [field, by] of some) pipeline.hincrby(key, field, by)
      pipeline.expire(key, queuesAgeS(width))
    }
    await pipeline.exec()
  }
  return {
    note(kind, ms) {
      if (counts.size === 0) void write().catch(() => undefined)
      for (const field of [`|${kind}`, `|t${stepOf(ms)}`]) counts.set(field, (counts.get(field) ?? 0) + 1)
    },
  }
}

export const deliveryColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] => [
  ...kinds.map(({ key, label }): Column => ({
    ...{ key, label, unit: 'jobs', kind: 'sum' },
    y: told(known, buckets.map((sums) => sums.get(key) ?? 0)), // prettier-ignore
  })),
  { key: 'p95_s', label: '95 of 100 took no longer', unit: 's', kind: 'level', y: buckets.map(tookOf) },
]

const tookOf = (sums: Sums): number | null => {
  const steps = new Map([...sums].flatMap(([name, count]) => (/^t\d+$/.test(name) ? [[Number(name.slice(1)), count] as const] : []))) // prettier-ignore
  const ms = percentile(steps, 0.95)
  return ms === null ? null : Math.round(ms) / 1_000
}
