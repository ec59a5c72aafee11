// What the tests of alerts share: a checker that looks when told to, figures as the recorder leaves them, and what was told.
import { createAlerts } from '../../shared/alerts/alerts.ts'
import type { Alerts } from '../../shared/alerts/alerts.ts'
import { createChecker } from '../../shared/alerts/checker.ts'
import type { Checker } from '../../shared/alerts/checker.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { minuteOf, queuesKey, stepOf } from '../../shared/metrics/buckets.ts'
import type { Counter } from '../../shared/metrics/buckets.ts'
import { runField, runsKey } from '../../shared/metrics/run-counts.ts'
import { HALF_HOUR_MS, MINUTE_MS, slotNo } from '../../shared/metrics/slots.ts'
import { createServices } from '../../shared/services/services.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import { test as base } from './rooms.ts'

/** Counts ends of jobs in the running minute, as the recorder does. */
export const count = async (
  kernel: Kernel,
  queue: string,
  counts: Partial<Record<Counter, number>>,
  at = kernel.clock.now(),
): Promise<void> => {
  for (const [name, by] of Object.entries(counts))
    await kernel.redis.hincrby(queuesKey(kernel, minuteOf(at)), `${queue}|${name}`, by)
}

/** Counts runs that took so long. */
export const countRuns = async (kernel: Kernel, of: { queue: string; name: string }, ms: number, times: number, at = kernel.clock.now()) => {
  for (const width of [MINUTE_MS, HALF_HOUR_MS])
    await kernel.redis.hincrby(runsKey(kernel, slotNo(at, width), width), runField(of.queue, of.name, stepOf(ms)), times)
} // prettier-ignore

interface Alerting {
  alerts: Alerts
  checker: Checker
  /** Another process that checks. */
  another: () => Checker
  /** Facts about alerts that were told, oldest first. */
  told: () => Promise<{ name: string; data: Record<string, unknown> }[]>
  /** Moves time on and looks every 15 s on the way. */
  pass: (seconds: number) => Promise<void>
}

export const test = base.extend<Alerting>({
  alerts: async ({ kernel }, use) => use(createAlerts(kernel)),
  another: async ({ kernel, bull }, use) =>
    use(() => createChecker(kernel, { bull, services: createServices(kernel, { declared: new Map() }) })),
  checker: async ({ another }, use) => use(another()),
  told: async ({ kernel }, use) =>
    use(async () =>
      (await createEventLog(kernel).readAfter('0-0', 1_000))
        .filter(({ name }) => name.startsWith('alert.'))
        .map(({ name, data }) => ({ name, data: JSON.parse(data) as Record<string, unknown> })),
    ),
  pass: async ({ clock, checker }, use) =>
    use(async (seconds) => {
      for (let s = 0; s < seconds; s += 15) {
        await clock.advance(15_000)
        await checker.check()
      }
    }),
})
export { describe, expect, person, problemOf } from './rooms.ts'
