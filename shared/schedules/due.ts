// Which slots of a schedule start now, and which are passed over and why. Pure: the clock, the running jobs and the slots
// themselves are given.
import type { ScheduleDefinition } from './definition.ts'
import type { SkipReason } from './run-words.ts'

/** A time at which a schedule should set off a job. */
export interface Slot {
  /** The time its trigger tells, epoch ms; what its job is called after. */
  readonly slot: number
  /** When its job may start: later by spread and jitter. */
  readonly plannedAt: number
}

/** The slots nobody has decided about, up to now. */
export interface DueSlots {
  /** Oldest first; where there are too many to look at, the newest. */
  readonly slots: readonly Slot[]
  /** Those before the first of `slots` that were not looked at one by one. */
  readonly before: Passed | undefined
}

/** Slots in a row. `count` is the least there are where nobody counted them all. */
export interface Passed {
  readonly from: number
  readonly until: number
  readonly count: number
}

export interface Skip extends Passed {
  readonly reason: SkipReason
  /** What there is to say beside. */
  readonly detail?: string
}

export interface Circumstances {
  /** Epoch ms, of Redis. */
  readonly now: number
  /** Jobs it may still set off; Infinity without `max_runs`. */
  readonly runsLeft: number
  /** Whether a job of an earlier slot has not ended. */
  readonly isBusy: boolean
  /** Whether a slot already waits for that. */
  readonly isAwaited: boolean
}

export interface Decision {
  /** Their jobs are made now, oldest first. */
  readonly start: readonly Slot[]
  /** Its job is made when the one that runs has ended. */
  readonly wait: Slot | undefined
  /** What waited until now gives its place to `wait`. */
  readonly replaces: boolean
  /** Jobs of earlier slots are told to end. */
  readonly cancels: boolean
  readonly skip: readonly Skip[]
}

export const decide = (definition: ScheduleDefinition, due: DueSlots, at: Circumstances): Decision => {
  const caught = catchUp(definition, due, at.now)
  const left = takeRuns(caught.slots, at)
  const started = besideOthers(definition.overlap, left.slots, at)
  const skip = [...caught.skip, ...left.skip, ...started.skip]
  return { ...started, skip: skip.sort((a, b) => a.from - b.from) }
}

interface Chosen {
  readonly slots: readonly Slot[]
  readonly skip: readonly Skip[]
}

/** What becomes of slots whose grace is over. */
const catchUp = ({ misfire, grace_ms, catchup_limit }: ScheduleDefinition, due: DueSlots, now: number): Chosen => {
  const missed = due.slots.filter(({ plannedAt }) => now - plannedAt > grace_ms)
  const inTime = due.slots.filter(({ plannedAt }) => now - plannedAt <= grace_ms)
  const makesUp = { skip: 0, run_once: 1, run_all: catchup_limit }[misfire]
  const cut = Math.max(0, missed.length - makesUp)
  const reason = misfire === 'run_all' ? 'catchup_limit' : 'missed'
  const older = due.before === undefined ? [] : [{ ...due.before, reason } as const]
  return { slots: [...missed.slice(cut), ...inTime], skip: [...older, ...skipped(missed.slice(0, cut), reason)] }
}

const takeRuns = (slots: readonly Slot[], { runsLeft }: Circumstances): Chosen => ({
  slots: slots.slice(0, Math.max(0, runsLeft)),
  skip: skipped(slots.slice(Math.max(0, runsLeft)), 'max_runs'),
})

const besideOthers = (
  overlap: ScheduleDefinition['overlap'],
  slots: readonly Slot[],
  { isBusy, isAwaited }: Circumstances,
): Decision => {
  const nothing = { start: [], wait: undefined, replaces: false, cancels: false, skip: [] }
  const [first] = slots
  if (first === undefined) return nothing
  switch (overlap) {
    case 'allow':
      return { ...nothing, start: slots }
    case 'skip':
      return isBusy
        ? { ...nothing, skip: skipped(slots, 'overlap') }
        : { ...nothing, start: [first], skip: skipped(slots.slice(1), 'overlap') }
    case 'queue_one': {
      const rest = isBusy ? slots : slots.slice(1)
      const wait = isAwaited ? undefined : rest[0]
      const skip = skipped(wait === undefined ? rest : rest.slice(1), 'overlap')
      return { ...nothing, start: isBusy ? [] : [first], wait, skip }
    }
    case 'cancel_running': {
      const newest = slots.slice(-1)
      const skip = skipped(slots.slice(0, -1), 'overlap')
      if (!isBusy) return { ...nothing, start: newest, skip }
      return { ...nothing, wait: newest[0], replaces: isAwaited, cancels: true, skip }
    }
    default:
      overlap satisfies never
      throw new Error('unreachable')
  }
}

const skipped = (slots: readonly Slot[], reason: SkipReason): Skip[] => {
  const [first, last] = [slots[0], slots.at(-1)]
  if (first === undefined || last === undefined) return []
  return [{ from: first.slot, until: last.slot, count: slots.length, reason }]
}
