// The meters of one service in one process: one for each sort of jobs its budget knows, all held by one throttle.
import type { Grant, Meter, Terms } from './meter.ts'

export interface Meters {
  take(sort: string, terms: Terms, cost: number): Grant | Promise<Grant>
  /** Nothing is granted until then, unless it is held for longer already. */
  hold(untilMs: number): void
  giveBack(all?: boolean): Promise<void>
  isIdle(): boolean
}

export const createMeters = (make: (sort: string) => Meter): Meters => {
  const meters = new Map<string, Meter>()
  let heldUntilMs = 0
  const meterOf = (sort: string): Meter => {
    const known = meters.get(sort)
    if (known !== undefined) return known
    const meter = make(sort)
    meter.hold(heldUntilMs)
    meters.set(sort, meter)
    return meter
  }
  return {
    take: (sort, terms, cost) => meterOf(sort).take(terms, cost),
    hold(untilMs) {
      heldUntilMs = Math.max(heldUntilMs, untilMs)
      for (const meter of meters.values()) meter.hold(heldUntilMs)
    },
    async giveBack(all = false) {
      await Promise.all([...meters.values()].map((meter) => meter.giveBack(all)))
    },
    isIdle() {
      // Each is asked, as asking begins a new count.
      const idle = [...meters.values()].filter((meter) => meter.isIdle())
      return idle.length === meters.size
    },
  }
}
