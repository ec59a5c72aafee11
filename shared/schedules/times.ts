// When a trigger fires.
import { cronTimes } from './cron.ts'
import { rruleTimes } from './rrule.ts'
import { createStretches } from './stretches.ts'
import type { TimeTrigger } from './words.ts'

/** The times of a trigger strictly after `after`, in epoch ms, ascending. Endless but for `once`: take what is needed. */
export const timesOf = (trigger: TimeTrigger, after: number): Iterable<number> => {
  switch (trigger.type) {
    case 'cron':
      return kept(trigger, after, (from) => cronTimes(trigger.expression, trigger.timezone, from))
    case 'interval':
      return everySo(trigger.every_ms, trigger.offset_ms, after)
    case 'rrule':
      return kept(trigger, after, (from) => rruleTimes(trigger, from))
    case 'once':
      return [Date.parse(trigger.run_at)].filter((at) => at > after)
    default:
      trigger satisfies never
      throw new Error('unreachable')
  }
}

const stretches = createStretches()

const kept = (
  trigger: TimeTrigger,
  after: number,
  begin: (after: number) => Generator<number, void>,
): Iterable<number> => stretches.timesAfter(JSON.stringify(trigger), after, begin)

function* everySo(every: number, offset: number, after: number): Generator<number, void> {
  for (let n = Math.floor((after - offset) / every) + 1; ; n++) yield n * every + offset
}

/** The first so many. */
export const take = (times: Iterable<number>, count: number): number[] => {
  const taken: number[] = []
  if (count === 0) return taken
  for (const at of times) if (taken.push(at) === count) break
  return taken
}
