// What became of a time of a schedule, in a word, a mark and a sentence.
import type { RecentRun, ScheduleRun } from '../../../shared/schedules/runs-contract.ts'
import { count, dateTime, duration, instant } from '../../ui/format.ts'

type Run = RecentRun
export type Mark = 'ran' | 'late' | 'failed' | 'cancelled' | 'skipped' | 'running' | 'waiting'

/** A job that starts later than this after its time is late. */
export const LATE_MS = 10_000

/** How long after its planned time its job was made; undefined while there is none. What its queue does then is not the
 *  schedule's doing. */
export const lateMs = ({ triggered_at, planned_at, scheduled_for }: Run): number | undefined => {
  const made = instant(triggered_at)
  return made === undefined ? undefined : Math.max(0, made - (instant(planned_at) ?? instant(scheduled_for) ?? made))
}

export const markOf = (run: Run): Mark => {
  if (run.status === 'triggered') return 'waiting'
  if (run.status !== 'completed') return run.status
  return (lateMs(run) ?? 0) > LATE_MS ? 'late' : 'ran'
}

export const markWords: Record<Mark, string> = {
  ran: 'Ran on time',
  late: 'Ran late',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
  running: 'Running',
  waiting: 'Waiting',
}

const reasons: Record<NonNullable<Run['skipped']>, string> = {
  missed: 'nobody could carry it out in time',
  catchup_limit: 'there were more than are made up for',
  overlap: 'the job of an earlier time had not ended',
  max_runs: 'it has had all its runs',
  invalid: 'its job could not be made',
  paused: 'it was paused, or code declared it no more, before anybody carried it out',
  circle: 'what set it off goes back to itself',
}

/** Why it was skipped, and how many with it; nothing for one that was not. */
export const skipWords = ({ skipped, slots, detail }: Run): string => {
  if (skipped === null) return ''
  const why = detail === null ? reasons[skipped] : `${reasons[skipped]}: ${detail}`
  return slots > 1 ? `${count(slots)} times: ${why}` : why
}

/** One run for those who do not see its mark. */
export const runWords = (run: Run, zone?: string): string => {
  const at = instant(run.scheduled_for) ?? 0
  const what = run.skipped === null ? markWords[markOf(run)].toLowerCase() : `skipped, ${skipWords(run)}`
  const late = lateMs(run)
  return `${dateTime(at, zone)} ${what}${late === undefined ? '' : `, ${duration(late)} late`}`
}

/** Some runs in a sentence: `9 of 10 on time, 1 failed`. */
export const recentWords = (runs: readonly Run[]): string => {
  if (runs.length === 0) return 'It has not run yet'
  const marks = runs.map(markOf)
  const many = (mark: Mark): number => marks.filter((each) => each === mark).length
  const rest = (['late', 'failed', 'cancelled', 'skipped', 'running', 'waiting'] as const)
    .filter((mark) => many(mark) > 0)
    .map((mark) => `${many(mark)} ${mark === 'late' ? 'late' : markWords[mark].toLowerCase()}`)
  return [`${many('ran')} of ${runs.length} on time`, ...rest].join(', ')
}

/** The state whose look a run has. */
export const chipOf = (run: Run): string => {
  const mark = markOf(run)
  return mark === 'ran' ? 'on_time' : mark
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** What there is to say of one: why it was skipped, what went wrong, who or what set it off, or how long it took. */
export const detailWords = (run: ScheduleRun): string => {
  if (run.skipped !== null) return capital(skipWords(run))
  if (run.error) return `${run.error.name}: ${run.error.message}`
  if (run.source === 'manual') return `Started by ${run.actor ?? 'hand'}${run.reason ? `: ${run.reason}` : ''}`
  if (run.event_id !== null) return `Set off by event ${run.event_id}`
  return run.duration_ms === null ? '' : `Took ${duration(run.duration_ms)}`
}
