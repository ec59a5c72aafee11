// Where changes are known: the rooms that keep their own history, asked for one stretch of time and no further than one call may.
import type { Alert } from '../alerts/contract.ts'
import type { AuditEntry, AuditQuery } from '../audit/contract.ts'
import type { Principal } from '../auth/contract.ts'
import type { BreakerTimeline } from '../breakers/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Page } from '../kernel/page.ts'
import type { Operation } from '../operations/words.ts'
import type { Schedule } from '../schedules/contract.ts'
import type { PassedOver } from '../schedules/runs-contract.ts'
import type { Annotation } from '../timeline/contract.ts'
import type { DlqGroup } from '../triage/contract.ts'
import type { ScheduleChange } from './contract.ts'
import { PAGE, walk } from './walk.ts'
import type { Found } from './walk.ts'
import { missed, standing } from './work.ts'
import type { Span } from './trouble.ts'

interface Paged {
  limit: number
  cursor?: string | undefined
}

/** What is asked of other rooms. */
export interface ChangeSources {
  alerts: { changed(principal: Principal, since: number): Promise<Alert[]> }
  triage: { changed(principal: Principal, since: number): Promise<DlqGroup[]> }
  breakers: { timeline(query: { from: string; to: string }): Promise<BreakerTimeline> }
  audit: { list(principal: Principal, query: AuditQuery): Promise<Page<AuditEntry>> }
  schedules: { list(principal: Principal, query: Paged & { enabled: 'false' }): Promise<Page<Schedule>> }
  scheduleRuns: { passedOver(principal: Principal, span: Span): Promise<PassedOver> }
  operations: { list(principal: Principal, query: Paged): Promise<Page<Operation>> }
  timeline: { notes(principal: Principal, query: { from: string; to: string }): Promise<Annotation[]> }
}

const DAY_MS = 86_400_000
/** How long rooms keep what they are asked for. */
const ALERTS_MS = 30 * DAY_MS
const SCHEDULES_MS = 30 * DAY_MS
const OPERATIONS_MS = 7 * DAY_MS
/** Pages of each list that are looked through. */
const SCHEDULE_PAGES = 5
/** Rows of lists that are asked for at once: a page of theirs costs as much as many rows. */
const AUDIT_MAX = 200
const OPERATIONS_MAX = 100
/** Notes that one call tells. */
const NOTES_MAX = 500

export const windowOf = ({ from, to }: Span): { from: string; to: string } => ({ from: toIso(from), to: toIso(to) })

/** From when on something is told of which so much is kept. */
const keptFrom = ({ from, to }: Span, now: number, keptMs: number): number => Math.min(Math.max(from, now - keptMs), to)

/** The time of the last of these, when they are not all: from there on nothing is missing. */
const reached = (complete: boolean, from: number, oldest: string | undefined): number =>
  complete || oldest === undefined ? from : Math.max(from, Date.parse(oldest))

export const createLooks = ({ alerts, triage, ...sources }: ChangeSources) => ({
  async alerts(principal: Principal, span: Span, now: number): Promise<Found<Alert>> {
    return { items: await alerts.changed(principal, span.from), complete: true, from: keptFrom(span, now, ALERTS_MS) }
  },
  async groups(principal: Principal, { from }: Span): Promise<Found<DlqGroup>> {
    return { items: await triage.changed(principal, from), complete: true, from }
  },
  breakers: (span: Span): Promise<BreakerTimeline> => sources.breakers.timeline(windowOf(span)),
  /** Newest first. The end of the time is not among what is asked of the audit, so that it is asked for one ms more. */
  async audit(principal: Principal, { from, to }: Span): Promise<Found<AuditEntry>> {
    const query = { ...windowOf({ from, to: to + 1 }), log: 'changes', limit: AUDIT_MAX } as const
    const { data: items, page } = await sources.audit.list(principal, query)
    return { items, complete: !page.has_more, from: reached(!page.has_more, from, items.at(-1)?.at) }
  },
  async schedules(principal: Principal, span: Span, now: number): Promise<Found<ScheduleChange>> {
    const [idle, over] = await Promise.all([
      walk(SCHEDULE_PAGES, (cursor) => sources.schedules.list(principal, { enabled: 'false', limit: PAGE, cursor })),
      sources.scheduleRuns.passedOver(principal, span),
    ])
    const items = [...standing(idle.items, span), ...missed(over.runs)]
    const from = Math.max(over.from, keptFrom(span, now, SCHEDULES_MS))
    return { items, complete: idle.complete && over.complete, from }
  },
  async operations(principal: Principal, span: Span, now: number): Promise<Found<Operation>> {
    const { data: items, page } = await sources.operations.list(principal, { limit: OPERATIONS_MAX })
    const from = keptFrom(span, now, OPERATIONS_MS)
    return { items, complete: !page.has_more, from: Math.min(reached(!page.has_more, from, items.at(-1)?.created_at), span.to) } // prettier-ignore
  },
  async notes(principal: Principal, span: Span): Promise<Found<Annotation>> {
    const items = (await sources.timeline.notes(principal, windowOf(span))).reverse()
    const complete = items.length < NOTES_MAX
    return { items, complete, from: reached(complete, span.from, items.at(-1)?.at) }
  },
})
