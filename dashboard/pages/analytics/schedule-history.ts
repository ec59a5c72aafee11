// What schedules did: a row of marks for each, at the time each run was meant for, the higher the later it was made.
import type { ScheduleRun } from '../../../shared/schedules/runs-contract.ts'
import { spanNote } from '../../charts/kind.ts'
import { ownChart } from '../../charts/own.ts'
import { askedSpan } from '../../charts/scope.ts'
import { count, countOf, dateTime, duration, instant } from '../../ui/format.ts'
import { detailWords, LATE_MS, lateMs, markOf, markWords } from '../schedules/runs.ts'

export interface History {
  runs: ScheduleRun[]
  /** There are older ones in the span. */
  hasMore: boolean
  from: number
  to: number
}

const PAGE = 200
const PAGES = 5
export const ROWS_MAX = 12

export const scheduleHistory = ownChart<History>({
  id: 'schedule-history',
  title: 'Schedules',
  topics: ['schedule:*'],
  note: spanNote,
  async load(api, { scope, now, signal }) {
    const span = askedSpan(scope, now)
    const runs: ScheduleRun[] = []
    let cursor: string | undefined
    for (let page = 0; page < PAGES; page++) {
      const answer = await api.scheduleRuns.history({
        query: { ...span, limit: PAGE, ...(cursor && { cursor }) },
        signal,
      })
      runs.push(...answer.data)
      cursor = answer.page.next_cursor ?? undefined
      if (cursor === undefined) break
    }
    return { runs, hasMore: cursor !== undefined, from: Date.parse(span.from), to: span.to ? Date.parse(span.to) : now }
  },
  empty: ({ runs }, { words }) => (runs.length === 0 ? `No schedule was due ${words}.` : undefined),
  reading: ({ runs, hasMore }) => readingOf(runs) + (hasMore ? ' Only the newest are shown.' : ''),
  table: ({ runs }, { zone }) => ({
    columns: ['Schedule', 'Time', 'What became of it', 'Late by', 'Details'],
    rows: runs.map((run) => ({
      key: `${run.schedule_id} ${run.id}`,
      leads: { schedule: run.schedule_id },
      cells: [run.schedule_id, dateTime(instant(run.scheduled_for) ?? 0, zone), markWords[markOf(run)], lateWords(run), detailWords(run)],
    })), // prettier-ignore
  }),
})

const lateWords = (run: ScheduleRun): string => {
  const late = lateMs(run)
  return late === undefined ? '' : duration(late)
}

export interface ScheduleRow {
  id: string
  runs: ScheduleRun[]
  onTime: number
  ended: number
}

/** A row for each schedule, those with the most trouble first. */
export const rowsOf = (runs: readonly ScheduleRun[]): ScheduleRow[] => {
  const byId = new Map<string, ScheduleRun[]>()
  for (const run of runs) byId.set(run.schedule_id, [...(byId.get(run.schedule_id) ?? []), run])
  const rows = [...byId].map(([id, own]): ScheduleRow => {
    const marks = own.map(markOf)
    const ended = marks.filter((mark) => mark !== 'running' && mark !== 'waiting').length
    return { id, runs: own, onTime: marks.filter((mark) => mark === 'ran').length, ended }
  })
  return rows.sort((a, b) => b.ended - b.onTime - (a.ended - a.onTime) || (a.id < b.id ? -1 : 1))
}

export const rowWords = ({ onTime, ended }: Pick<ScheduleRow, 'onTime' | 'ended'>): string =>
  ended === 0 ? 'none has ended' : `${count(onTime)} of ${count(ended)} on time`

export const readingOf = (runs: readonly ScheduleRun[]): string => {
  const rows = rowsOf(runs)
  const [onTime, ended] = [
    rows.reduce((sum, row) => sum + row.onTime, 0),
    rows.reduce((sum, row) => sum + row.ended, 0),
  ]
  const worst = rows[0]
  const first = `${rowWords({ onTime, ended })} in ${countOf(rows.length, 'schedule')}.`
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`
  if (!worst || worst.ended === worst.onTime || rows.length === 1) return sentence
  return `${sentence} Least so ${worst.id}: ${rowWords(worst)}.`
}

/** Heights of lateness, from the ground. */
const LEVELS_MS = [1_000, LATE_MS, 60_000]
export const LEVELS = LEVELS_MS.length + 1
export const levelOf = (run: ScheduleRun): number => LEVELS_MS.filter((limit) => (lateMs(run) ?? 0) > limit).length
