// What happened beside the runs, gathered from the rooms that know it: breakers, schedules, changes of settings, notes.
import type { AuditEntry, AuditQuery } from '../audit/contract.ts'
import { isSetting } from '../audit/words.ts'
import type { Principal, Scope } from '../auth/contract.ts'
import type { BreakerTimeline } from '../breakers/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Page } from '../kernel/page.ts'
import type { ScheduleRun } from '../schedules/runs-contract.ts'
import { MARK_KINDS } from './contract.ts'
import type { TimelineMark, TimelineMarks } from './contract.ts'
import type { Notes } from './notes.ts'

/** Where marks come from. */
export interface MarkSources {
  breakers: { timeline(query: { from: string; to: string }): Promise<BreakerTimeline> }
  audit: { list(principal: Principal, query: AuditQuery): Promise<Page<AuditEntry>> }
  scheduleRuns: {
    history(principal: Principal, query: { from: string; to: string; limit: number }): Promise<Page<ScheduleRun>>
  }
}

interface Span {
  from: number
  to: number
}
interface Found {
  marks: TimelineMark[]
  truncated: boolean
}
type Kind = TimelineMark['kind']

/** Of each kind. */
const MOST = 125
const PAGE = 200
/** Fires nearer to each other than this share of the window are one mark. */
const TOGETHER = 240
const SCOPE: Partial<Record<Kind, Scope>> = {
  breaker: 'recovery:read',
  schedule: 'schedules:read',
  change: 'audit:read',
}

export const createMarks = ({ breakers, audit, scheduleRuns }: MarkSources, notes: Notes) => {
  const find: Record<Kind, (principal: Principal, span: Span) => Promise<Found>> = {
    breaker: async (_, span) => breakerMarks(await breakers.timeline(asked(span)), span),
    schedule: async (principal, span) => scheduleMarks(await scheduleRuns.history(principal, { ...asked(span), limit: PAGE }), span), // prettier-ignore
    change: async (principal, span) => changeMarks(await audit.list(principal, { ...asked(span), log: 'changes', limit: PAGE })), // prettier-ignore
    note: async (principal, span) => noteMarks(await notes.within(principal, span)),
  }
  return async (principal: Principal, span: Span): Promise<TimelineMarks> => {
    const seen = MARK_KINDS.filter((kind) => maySee(principal, kind))
    const found = await Promise.all(seen.map((kind) => find[kind](principal, span)))
    const marks = found.flatMap((one) => one.marks.slice(-MOST))
    return {
      marks: marks.sort((a, b) => a.at - b.at),
      truncated: found.some((one) => one.truncated || one.marks.length > MOST),
      left_out: MARK_KINDS.filter((kind) => !seen.includes(kind)),
    }
  }
}

/** Kinds that are of no queue, and may tell of every one. */
const OF_ALL: ReadonlySet<Kind> = new Set<Kind>(['change', 'note'])

const maySee = (principal: Principal, kind: Kind): boolean => {
  const scope = SCOPE[kind]
  if (scope !== undefined && !principal.scopes.includes(scope)) return false
  return !OF_ALL.has(kind) || principal.queues.includes('*')
}

const asked = ({ from, to }: Span): { from: string; to: string } => ({ from: toIso(from), to: toIso(to) })

const STATE_WORDS: Readonly<Record<BreakerTimeline['services'][number]['pieces'][number]['state'], string>> = {
  closed: 'closed again',
  half_open: 'half-open',
  open: 'opened',
  forced_open: 'forced open',
  forced_closed: 'forced closed',
  disabled: 'turned off',
}

/** A piece that begins with the window was begun before it. */
const breakerMarks = ({ services, truncated }: BreakerTimeline, { from }: Span): Found => ({
  marks: services
    .flatMap(({ service, pieces }) =>
      pieces
        .map((piece) => ({ at: Date.parse(piece.from), state: piece.state }))
        .filter(({ at }) => at > from)
        .map(({ at, state }) => mark('breaker', at, `Breaker ${STATE_WORDS[state]}`, service)),
    )
    .sort((a, b) => a.at - b.at),
  truncated,
})

/** Fires that lie together become one mark, named after the first. */
const scheduleMarks = ({ data, page }: Page<ScheduleRun>, { from, to }: Span): Found => {
  const width = Math.max(1, (to - from) / TOGETHER)
  const groups = new Map<number, TimelineMark>()
  for (const run of data.toReversed()) {
    const at = Date.parse(run.scheduled_for)
    const known = groups.get(Math.floor(at / width))
    if (known) known.count++
    else groups.set(Math.floor(at / width), mark('schedule', at, 'Schedule', run.schedule_id))
  }
  return { marks: [...groups.values()], truncated: page.has_more }
}

const changeMarks = ({ data, page }: Page<AuditEntry>): Found => ({
  marks: data
    .filter(isSetting)
    .map(
      ({ at, action, target, actor }) =>
      mark('change', Date.parse(at), `${words(action)} by ${actor.name}`, target.id === null ? target.kind : `${target.kind} ${target.id}`), // prettier-ignore
    )
    .reverse(),
  truncated: page.has_more,
})

const noteMarks = (notes: Awaited<ReturnType<Notes['within']>>): Found => ({
  marks: notes.map(({ id, at, text, author }) => ({ ...mark('note', Date.parse(at), text, author), id })),
  truncated: false,
})

const mark = (kind: Kind, at: number, text: string, about: string): TimelineMark => ({
  ...{ at, kind, text, about },
  id: null,
  count: 1,
})

/** `editService` as words: "Edit service". */
const words = (action: string): string => {
  const spaced = action.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  )
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}
