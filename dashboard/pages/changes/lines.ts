// One change as a line, whatever it is: its state, what else is to be said, who did it, and where it leads.
import type { Changes, SectionName } from '../../../shared/changes/contract.ts'
import type { RouteName } from '../../routes.ts'
import { absolute, count, countOf, duration, instant } from '../../ui/format.ts'
import { lookOf } from '../../ui/states.ts'
import { handledWords, valueWords } from '../alerts/model.ts'
import { actionWords, kindWords, pageOf } from '../audit/model.ts'
import { doneWords, titleWords } from '../operations/model.ts'

/** Where a line leads. */
export interface To {
  page: RouteName
  params?: Record<string, string>
  search?: Record<string, string>
}

export interface Line {
  key: string
  /** As chips show it; undefined for what is in no state. */
  state?: string
  word?: string
  title: string
  /** Parts of what else is to be said, none of them empty. */
  detail: string[]
  /** Who did it and why; empty where nobody did. */
  by: string
  at: number | undefined
  to: To
}

/** In which zone times within sentences are told, and as of when. */
export interface Telling {
  now: number
  zone: string
}

type DataOf<Name extends SectionName> = NonNullable<Changes[Name]>['data'][number]
/** Without what there is nothing to say of. */
export const said = (parts: readonly (string | false | null | undefined)[]): string[] =>
  parts.filter((part): part is string => typeof part === 'string' && part !== '')
const byWords = (by: string | null, reason: string | null): string =>
  by === null ? '' : `by ${by}${reason === null ? '' : `: ${reason}`}`
const at = (iso: string | null): number | undefined => instant(iso)

export const alertLine = ({ alert, ...change }: DataOf<'alerts'>, { now, zone }: Telling): Line => {
  const { fired_at, resolved_at } = alert
  const lasted = fired_at !== null && resolved_at !== null && Date.parse(resolved_at) - Date.parse(fired_at)
  return {
    key: alert.id,
    state: change.change === 'resolved' || alert.state === 'resolved' ? 'resolved' : 'firing',
    title: alert.title,
    detail: said([
      alert.severity === 'critical' && 'critical',
      lasted !== false && `lasted ${duration(lasted)}`,
      `worst ${valueWords(alert.worst, alert.unit)}`,
    ]),
    by: handledWords(alert, now, zone),
    at: at(change.at),
    to: subjectOf(alert),
  }
}

const subjectOf = ({ subject: { kind, id, label, queue } }: DataOf<'alerts'>['alert']): To => {
  switch (kind) {
    case 'service':
      return { page: 'breaker', params: { service: id } }
    case 'schedule':
      return { page: 'schedule', params: { id } }
    case 'webhook':
      return { page: 'webhook', params: { id } }
    case 'job':
      return { page: 'jobs', search: { q: `queue:${queue ?? ''} name:${label}` } }
    case 'queue':
      return { page: 'queue', params: { queue: id } }
  }
}

export const groupLine = ({ group, change, queues, by, reason, ...rest }: DataOf<'dead_letters'>): Line => ({
  key: group.id,
  state: change === 'appeared' ? 'new' : change,
  title: group.title,
  detail: said([
    `${countOf(group.open, 'dead letter')} now, ${count(group.total)} in all`,
    queues.length > 0 && `in ${queues.join(', ')}`,
    rest.appeared && change !== 'appeared' && 'never seen before',
    group.growing && 'growing',
    group.assignee !== null && `assigned to ${group.assignee}`,
    group.note,
  ]),
  by: byWords(by, reason),
  at: at(rest.at),
  to: { page: 'deadLetterGroup', params: { group: group.id } },
})

const stateWords = (state: string): string => lookOf(state).word.toLowerCase()
const timesWords = (times: number): string => (times === 1 ? 'once' : times === 2 ? 'twice' : `${count(times)} times`)

export const breakerLine = ({
  service,
  before,
  state,
  opened,
  held_ms,
  by,
  reason,
  ...rest
}: DataOf<'breakers'>): Line => ({
  key: service,
  state,
  title: service,
  detail: said([
    opened > 0 && `opened ${timesWords(opened)}`,
    held_ms > 0 && `held calls back for ${duration(held_ms)}`,
    before !== state && `was ${stateWords(before)}`,
  ]),
  by: byWords(by, reason),
  at: at(rest.at),
  to: { page: 'breaker', params: { service } },
})

export const slowLine = ({ queue, name, p95_ms, before_ms, runs }: DataOf<'slow_downs'>): Line => ({
  key: `${queue}:${name}`,
  state: 'late',
  word: 'Slower',
  title: `${name} in ${queue}`,
  detail: [
    `95 % of ${countOf(runs, 'run')} within ${duration(p95_ms)}, before within ${duration(before_ms)}`,
    `${(p95_ms / Math.max(1, before_ms)).toFixed(1)} × as long`,
  ],
  by: '',
  at: undefined,
  to: { page: 'timeline', search: { group: 'name', q: name } },
})

const whyMissed: Partial<Record<string, string>> = {
  missed: 'nobody could carry it out in time',
  catchup_limit: 'more than are made up for',
  invalid: 'its job could not be made',
}

export const scheduleLine = (line: DataOf<'schedules'>, { now, zone }: Telling): Line => {
  const { change, schedule_id: id, name, slots, until, why, by, reason } = line
  const isMissed = change === 'missed'
  return {
    key: `${change} ${id}`,
    state: isMissed ? 'late' : change,
    ...(isMissed && { word: 'Missed' }),
    title: name ?? id,
    detail: said([
      slots !== null && countOf(slots, 'slot'),
      why !== null && whyMissed[why],
      change === 'orphaned' && 'code declares it no more',
      until !== null && `until ${absolute(Date.parse(until), now, zone)}`,
    ]),
    by: byWords(by, reason),
    at: at(line.at),
    to: { page: 'schedule', params: { id } },
  }
}

export const settingLine = ({
  id,
  action,
  target,
  members,
  more,
  outcome,
  by,
  reason,
  ...rest
}: DataOf<'settings'>): Line => ({
  key: id,
  title: `${actionWords(action)}: ${target.id ?? kindWords(target.kind)}`,
  detail: said([
    ...members.map(({ path, before, after }) => `${path} ${before ?? 'unset'} → ${after ?? 'unset'}`),
    more > 0 && `and ${countOf(more, 'member')} more`,
    outcome === 'unknown' && 'may or may not have been done',
  ]),
  by: byWords(by, reason),
  at: at(rest.at),
  to: pageOf(target) ?? { page: 'audit', ...(target.id !== null && { search: { target: target.id } }) },
})

export const operationLine = (operation: DataOf<'operations'>): Line => ({
  key: operation.id,
  state: operation.status,
  title: titleWords(operation),
  detail: said([doneWords(operation), operation.reason]),
  by: byWords(operation.asked_by, null),
  at: at(operation.finished_at),
  to: { page: 'operation', params: { id: operation.id } },
})

export const noteLine = ({ id, text, author, ...rest }: DataOf<'notes'>): Line => ({
  ...{ key: id, title: text, detail: [], by: byWords(author, null), at: at(rest.at), to: { page: 'timeline' } },
})
