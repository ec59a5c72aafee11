// What became of every slot of a fault's schedules, and whether that is what was promised.
import { inSeconds, largest } from '../support/figures.ts'
import type { Evidence, Execution } from '../support/evidence.ts'
import type { Figure } from '../fault.ts'
import type { Violation } from '../support/oracle.ts'
import { historyOf, keyOf, pauseSchedule, slotsOf } from '../support/schedules.ts'
import type { Run, Schedule } from '../support/schedules.ts'
import type { Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** What is judged of one schedule: its slots up to an end, and what k1n says of them. */
export interface Book {
  schedule: Schedule
  end: number
  history: Run[]
  /** By slot, how many ms late the log tells that its job was made, each time it tells that. */
  told: Map<number, number[]>
}

/** Slots nobody has decided about by then are lost. */
const DECIDED_MS = 20_000

/** Resolves when all slots up to now are decided about and no further one comes. */
export const closeBooks = async (stage: Stage, schedules: readonly Schedule[]): Promise<Book[]> => {
  const end = Date.now()
  const isDecided = async (schedule: Schedule): Promise<boolean> => {
    const history = await historyOf(stage, schedule.id)
    return slotsOf(schedule, end).every((slot) => isIn(history, slot))
  }
  const all = async (): Promise<boolean> => (await Promise.all(schedules.map(isDecided))).every(Boolean)
  // Which of them are not is the oracle's to say.
  await until('every slot is decided about', all, DECIDED_MS, 500).catch(() => undefined)
  for (const { id } of schedules) await pauseSchedule(stage, id)
  const told = await toldIn(stage)
  return Promise.all(
    schedules.map(async (schedule) => ({
      schedule,
      end,
      history: await historyOf(stage, schedule.id),
      told: told.get(schedule.id) ?? new Map<number, number[]>(),
    })),
  )
}

const toldIn = async ({ census }: Stage): Promise<Map<string, Book['told']>> => {
  const told = new Map<string, Book['told']>()
  for (const { data } of await census.facts('scheduler.schedule_triggered')) {
    const { schedule_id, scheduled_for, lag_ms } = JSON.parse(data) as Record<
      'schedule_id' | 'scheduled_for',
      string
    > & {
      lag_ms: number
    }
    const slots = told.get(schedule_id) ?? new Map<number, number[]>()
    const slot = Date.parse(scheduled_for)
    told.set(schedule_id, slots.set(slot, [...(slots.get(slot) ?? []), lag_ms]))
  }
  return told
}

const isIn = (history: readonly Run[], slot: number): boolean =>
  history.some(({ id }) => id === String(slot)) || isPassedOver(history, slot)

const isPassedOver = (history: readonly Run[], slot: number): boolean =>
  history.some(
    ({ skipped, scheduled_for, until: last }) =>
      skipped !== null && Date.parse(scheduled_for) <= slot && slot <= Date.parse(last ?? scheduled_for),
  )

const wrong = (text: string): Violation => ({ rule: 'g', text })

/** Findings shown of one schedule. */
const SHOWN = 2

/** (g) A slot becomes one job, or its history says why not. Nothing runs before its time, or at times that are no slots. */
export const slotsAreKept = (evidence: Evidence, books: readonly Book[], earlyMs = 0): Violation[] =>
  books.flatMap((book) => {
    const findings = [...missing(evidence, book), ...odd(evidence, book, earlyMs), ...twice(evidence, book)]
    const rest = findings.length - SHOWN
    return rest > 0 ? [...findings.slice(0, SHOWN), wrong(`… and ${rest} more of ${book.schedule.id}`)] : findings
  })

const missing = ({ executions }: Evidence, { schedule, end, history }: Book): Violation[] => {
  const done = new Set(executions.filter(({ how }) => how === 'done').map(({ key }) => key))
  return slotsOf(schedule, end).flatMap((slot) => {
    const name = `${schedule.id}'s slot at ${new Date(slot).toISOString()}`
    const [ran, passed] = [done.has(keyOf(schedule.id, slot)), isPassedOver(history, slot)]
    if (ran && passed) return [wrong(`${name} ran, and its history says that it was passed over`)]
    if (ran && !isIn(history, slot)) return [wrong(`${name} ran, and its history does not tell`)]
    return ran || passed ? [] : [wrong(`${name} did not run, and nothing says why`)]
  })
}

/** The slot that a run was made for. */
const slotIn = (key: string, { id }: Schedule): number | undefined =>
  key.startsWith(`${id}.`) ? Number(key.slice(id.length + 1)) : undefined

const odd = ({ executions }: Evidence, { schedule }: Book, earlyMs: number): Violation[] =>
  executions.flatMap(({ key, startedAt }) => {
    const slot = slotIn(key, schedule)
    if (slot === undefined || slot <= schedule.since) return []
    if ((slot - schedule.offsetMs) % schedule.everyMs !== 0) return [wrong(`${key} ran, and there is no such slot`)]
    return startedAt < slot - earlyMs ? [wrong(`${key} ran ${slot - startedAt} ms before its time`)] : []
  })

/** Runs of one job that follow one another are judged with those of all other jobs. */
const twice = ({ executions }: Evidence, { schedule, told }: Book): Violation[] => {
  const own = executions.filter(({ key }) => slotIn(key, schedule) !== undefined)
  const jobs = Map.groupBy(own, ({ key }) => key)
  return [
    ...[...jobs].flatMap(([key, runs]) => {
      const ids = new Set(runs.map(({ id }) => id))
      return ids.size === 1 ? [] : [wrong(`${key} became ${ids.size} jobs: ${[...ids].join(', ')}`)]
    }),
    ...[...told]
      .filter(([, times]) => times.length > 1)
      .map(([slot, times]) => wrong(`it is told ${times.length} times that ${keyOf(schedule.id, slot)} was set off`)),
  ]
}

const firstRunOf = (executions: readonly Execution[], { id }: Schedule, slot: number): number =>
  Math.min(...executions.filter(({ key }) => key === keyOf(id, slot)).map(({ startedAt }) => startedAt))

/** ms from each slot to its first run, of those that ran. */
export const lateness = ({ executions }: Evidence, books: readonly Book[]): number[] =>
  books
    .flatMap(({ schedule, end }) => slotsOf(schedule, end).map((slot) => firstRunOf(executions, schedule, slot) - slot))
    .filter(Number.isFinite)

/** Seconds from a moment, or from the first slot after it, until a slot ran that came after it. */
export const firesAgain = ({ executions }: Evidence, { schedule, end }: Book, moment: number): number => {
  const slots = slotsOf(schedule, end, moment)
  const first = Math.min(...slots.map((slot) => firstRunOf(executions, schedule, slot)))
  return inSeconds(first - (slots[0] ?? moment))
}

/** How much there was to judge. */
export const extentOfSlots = (
  evidence: Evidence,
  books: readonly Book[],
  { least, passedMost }: { least: number; passedMost?: number },
): Figure[] => [
  { name: 'slots', value: books.flatMap(({ schedule, end }) => slotsOf(schedule, end)).length, unit: '', least },
  {
    name: 'slots passed over, with a reason',
    value: books.flatMap(({ history }) => history.filter(({ skipped }) => skipped !== null)).length,
    unit: '',
    ...(passedMost === undefined ? {} : { most: passedMost }),
  },
  {
    name: 'latest job made by',
    value: inSeconds(largest(books.flatMap(({ told }) => [...told.values()].flat()))),
    unit: 's',
  },
  { name: 'latest job begun by', value: inSeconds(largest(lateness(evidence, books))), unit: 's' },
]
