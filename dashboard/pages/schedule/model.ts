// What a schedule's page says: its settings as facts, what operators changed of what code declares, and its runs as a picture.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import type { ScheduleRun } from '../../../shared/schedules/runs-contract.ts'
import { spanText } from '../../data/span.ts'
import { count, countOf, dateTime, instant } from '../../ui/format.ts'
import { fieldNames, fieldOf, misfires, overlaps } from '../schedule-edit/model.ts'
import { LATE_MS, lateMs, markOf, type Mark } from '../schedules/runs.ts'

export const pauseLengths = [
  { value: '', label: 'Until somebody resumes it' },
  { value: '3600', label: '1 hour' },
  { value: '14400', label: '4 hours' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
] as const
export type PauseLength = (typeof pauseLengths)[number]['value']

/** Reads a payload as one types it; nothing means the schedule's own. */
export const readPayload = (text: string): { data: Record<string, unknown> | undefined } | { error: string } => {
  if (text.trim() === '') return { data: undefined }
  try {
    const data: unknown = JSON.parse(text)
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return { data: data as Record<string, unknown> } // prettier-ignore
  } catch {
    // Told below.
  }
  return { error: 'Must be a JSON object, such as {"to": "ada@example.org"}.' }
}

/** What deleting it means. */
export const REMOVAL = 'It fires no more, and its history goes with it. Jobs that it started stay.'

/** Why it cannot be deleted; undefined when it can. */
export const keptBy = ({ origin, orphaned_at }: Pick<Schedule, 'origin' | 'orphaned_at'>): string | undefined =>
  origin === 'code' && orphaned_at === null ? 'Code declares it: pause it instead' : undefined

/** The newest time at which its own jobs would have set it off again, and by which way; undefined where that is not among these. */
export const circleOf = (runs: readonly ScheduleRun[]): { at: string; way: string } | undefined => {
  const run = runs.find(({ skipped }) => skipped === 'circle')
  return run && { at: run.scheduled_for, way: run.detail ?? '' }
}

export interface Fact {
  label: string
  value: string
  at?: string
}

/** What it is set to, without what says nothing. */
export const factsOf = (schedule: Schedule): Fact[] => {
  const facts: (Fact | undefined)[] = [
    { label: 'Job', value: schedule.job_name },
    { label: 'Queue', value: schedule.queue },
    schedule.hears === null ? undefined : { label: 'Hears of', value: hearsWords(schedule.hears) },
    { label: 'Overlap', value: overlaps.find(({ value }) => value === schedule.overlap)?.means ?? schedule.overlap },
    schedule.trigger.type === 'event' ? undefined : { label: 'Missed times', value: misfireWords(schedule) },
    schedule.spread_ms === 0 ? undefined : { label: 'Spread', value: `over ${spanText(schedule.spread_ms)}` },
    schedule.jitter_ms === 0 ? undefined : { label: 'Jitter', value: `up to ${spanText(schedule.jitter_ms)}` },
    schedule.start_at === null ? undefined : { label: 'From', value: '', at: schedule.start_at },
    schedule.end_at === null ? undefined : { label: 'Until', value: '', at: schedule.end_at },
    { label: 'Runs', value: runsWords(schedule) },
    schedule.skipped_count === 0 ? undefined : { label: 'Skipped', value: countOf(schedule.skipped_count, 'time') },
    schedule.tags.length === 0 ? undefined : { label: 'Tags', value: schedule.tags.join(', ') },
  ]
  return facts.filter((fact) => fact !== undefined)
}

const hearsWords = ({ queues, outside }: NonNullable<Schedule['hears']>): string => {
  const facts = queues.includes('*') ? 'facts of all queues' : `facts of ${queues.join(', ')}`
  return outside ? `${facts}, and events from outside` : facts
}

const runsWords = ({ run_count, max_runs }: Schedule): string =>
  max_runs === null ? count(run_count) : `${count(run_count)} of ${count(max_runs)}`

const misfireWords = ({ misfire, grace_ms, catchup_limit }: Schedule): string => {
  const means = misfire === 'run_all' ? `All are made up for, the newest ${count(catchup_limit)}.` : (misfires.find(({ value }) => value === misfire)?.means ?? misfire) // prettier-ignore
  return `${means} Missed after ${spanText(grace_ms)}.`
}

export interface Difference {
  member: string
  label: string
  code: string
  now: string
}

/** What operators changed of what code declares, side by side. */
export const differencesOf = (schedule: Schedule): Difference[] =>
  schedule.changed.map((member) => ({
    member,
    label: fieldNames([fieldOf(`/${member}`) ?? member]),
    code: shown(member, schedule.declared?.[member]),
    now: shown(member, schedule[member]),
  }))

const shown = (member: string, value: unknown): string => {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'number' && member.endsWith('_ms')) return spanText(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Lines of the picture of runs, from the top: how long after its time a job was made. */
export const lanes = ['later', 'in 1 min', 'in 10 s', 'in 1 s'] as const
const LANE_MS = [Number.POSITIVE_INFINITY, 60_000, LATE_MS, 1_000] as const

/** The lowest line that a run keeps to; one that never started lies on the ground. */
const laneOf = (run: ScheduleRun): number => LANE_MS.findLastIndex((limit) => (lateMs(run) ?? 0) <= limit)

export interface Dot {
  key: string
  /** Share of the width, 0–1. */
  x: number
  lane: number
  mark: Mark
  run: ScheduleRun
}

/** Runs in order of their times, the oldest at the left; where times lie far apart they still stand side by side. */
export const dotsOf = (runs: readonly ScheduleRun[]): Dot[] =>
  runs
    .toSorted((one, other) => Date.parse(one.scheduled_for) - Date.parse(other.scheduled_for))
    .map((run, index, all) => ({
      key: run.id,
      x: all.length === 1 ? 0 : index / (all.length - 1),
      lane: laneOf(run),
      mark: markOf(run),
      run,
    }))

/** The picture in a sentence: `98 of 100 on time since 22 Nov 2026, 10:22:08; 1 failed, 1 skipped`. */
export const historyWords = (runs: readonly ScheduleRun[], zone?: string): string => {
  const marks = runs.map(markOf)
  const many = (mark: Mark): number => marks.filter((each) => each === mark).length
  const since = instant(runs.at(-1)?.scheduled_for)
  const ended = marks.filter((mark) => mark !== 'running' && mark !== 'waiting').length
  const rest = (['late', 'failed', 'cancelled', 'skipped'] as const).filter((mark) => many(mark) > 0)
  const words = rest.map((mark) => `${many(mark)} ${mark === 'late' ? 'ran late' : mark}`).join(', ')
  const from = since === undefined ? '' : ` since ${dateTime(since, zone)}`
  return `${count(many('ran'))} of ${count(ended)} ran on time${from}${words === '' ? '' : `; ${words}`}.`
}
