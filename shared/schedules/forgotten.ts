// Schedules that should fire and that no next slot is written down for, as what is kept beside their records was lost.
import type { Carrying } from './carry.ts'
import type { ScheduleRecord } from './definition.ts'
import { readRunStates } from './run-states.ts'
import { slotAfter } from './slots.ts'
import { windowOf } from './window.ts'

/** So long after a slot it is still found that nobody was told of it; longer than from one look to the next. */
const PASSED_MS = 60_000

/** Their ids. `next` tells the next slot of each schedule that has one. */
export const forgotten = async (
  { kernel, catalogue }: Carrying,
  next: ReadonlyMap<string, number>,
): Promise<string[]> => {
  const now = kernel.clock.now()
  const silent = [...catalogue.all().values()].filter((record) => !next.has(record.id) && hasSlots(record, now))
  const limited = silent.filter(({ definition }) => definition.max_runs !== null)
  const states = await readRunStates(kernel, limited)
  const done = new Set(limited.filter(({ definition }, n) => (states[n]?.runs ?? 0) >= (definition.max_runs ?? 0)))
  return silent.filter((record) => !done.has(record)).map(({ id }) => id)
}

/** Whether it fires by itself about now or later. */
const hasSlots = (record: ScheduleRecord, now: number): boolean => {
  const window = windowOf(record, now)
  return !window.rests && slotAfter(record, Math.max(window.from, now - PASSED_MS) - 1) !== undefined
}
