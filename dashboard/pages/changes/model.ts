// What changed, in words: one line for each thing, whatever it is, so that the page and the handover say the same.
import type { Changes, SectionName } from '../../../shared/changes/contract.ts'
import type { RouteName } from '../../routes.ts'
import { absolute, age, count, countOf, duration, instant } from '../../ui/format.ts'
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

export interface Part {
  name: SectionName
  title: string
  total: number
  complete: boolean
  from: number
  lines: Line[]
}

/** In which zone times within sentences are told, and as of when. */
export interface Telling {
  now: number
  zone: string
}

type DataOf<Name extends SectionName> = NonNullable<Changes[Name]>['data'][number]
const said = (parts: readonly (string | false | null | undefined)[]): string[] =>
  parts.filter((part): part is string => typeof part === 'string' && part !== '')
const byWords = (by: string | null, reason: string | null): string =>
  by === null ? '' : `by ${by}${reason === null ? '' : `: ${reason}`}`
const at = (iso: string | null): number | undefined => instant(iso)

const alertLine = ({ alert, ...change }: DataOf<'alerts'>, { now, zone }: Telling): Line => {
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

const groupLine = ({ group, change, queues, by, reason, ...rest }: DataOf<'dead_letters'>): Line => ({
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

const breakerLine = ({ service, before, state, opened, held_ms, by, reason, ...rest }: DataOf<'breakers'>): Line => ({
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

const slowLine = ({ queue, name, p95_ms, before_ms, runs }: DataOf<'slow_downs'>): Line => ({
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

const scheduleLine = (line: DataOf<'schedules'>, { now, zone }: Telling): Line => {
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

const settingLine = ({
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

const operationLine = (operation: DataOf<'operations'>): Line => ({
  key: operation.id,
  state: operation.status,
  title: titleWords(operation),
  detail: said([doneWords(operation), operation.reason]),
  by: byWords(operation.asked_by, null),
  at: at(operation.finished_at),
  to: { page: 'operation', params: { id: operation.id } },
})

const noteLine = ({ id, text, author, ...rest }: DataOf<'notes'>): Line => ({
  ...{ key: id, title: text, detail: [], by: byWords(author, null), at: at(rest.at), to: { page: 'timeline' } },
})

export const sectionTitles: Readonly<Record<SectionName, string>> = {
  alerts: 'Alerts',
  dead_letters: 'Causes of dead letters',
  breakers: 'Breakers',
  slow_downs: 'Slow-downs',
  schedules: 'Schedules',
  settings: 'Settings',
  operations: 'Operations that ended',
  notes: 'Notes',
}

const partOf = <Item>(
  name: SectionName,
  section: { total: number; complete: boolean; from: string; data: Item[] } | null,
  line: (item: Item) => Line,
): Part[] => {
  if (section === null) return []
  const { total, complete, from, data } = section
  return [{ name, title: sectionTitles[name], total, complete, from: Date.parse(from), lines: data.map(line) }]
}

/** All sections somebody may see, in the order in which they matter. */
export const partsOf = (changes: Changes, telling: Telling): Part[] => [
  ...partOf('alerts', changes.alerts, (one) => alertLine(one, telling)),
  ...partOf('dead_letters', changes.dead_letters, groupLine),
  ...partOf('breakers', changes.breakers, breakerLine),
  ...partOf('slow_downs', changes.slow_downs, slowLine),
  ...partOf('schedules', changes.schedules, (one) => scheduleLine(one, telling)),
  ...partOf('settings', changes.settings, settingLine),
  ...partOf('operations', changes.operations, operationLine),
  ...partOf('notes', changes.notes, noteLine),
]

const most = ({ total, complete }: { total: number; complete: boolean }): string =>
  complete ? count(total) : `at least ${count(total)}`

/** How many there are, beside the title. */
export const totalWords = (part: Pick<Part, 'total' | 'complete'>): string => most(part)

/** What is left out of a section, and how far it was looked; empty where it tells all. */
export const limitWords = ({ total, complete, from, lines }: Part, since: number, { now, zone }: Telling): string => {
  const cut = total > lines.length ? `${count(lines.length)} of ${most({ total, complete })} are shown. ` : ''
  // A section may be looked at from the beginning of a minute.
  if (from <= since + 60_000) return complete ? cut : `${cut}There is more than was looked through. `
  const when = absolute(from, now, zone)
  return cut + (complete ? `Known since ${when}; no more is kept. ` : `Looked through back to ${when} only. `)
}

/** Sections in which nothing changed, as one sentence; empty when there are none. */
export const quietWords = (parts: readonly Part[]): string => {
  const quiet = parts.filter(({ total, complete }) => total === 0 && complete).map(({ title }) => title.toLowerCase())
  if (quiet.length === 0) return ''
  const last = quiet.length > 1 ? ` and ${quiet.at(-1) ?? ''}` : ''
  const names = `${(quiet.length > 1 ? quiet.slice(0, -1) : quiet).join(', ')}${last}`
  return `Looked at, and nothing changed: ${names}.`
}

/** `09:50:00, 4 h ago`. */
export const whenWords = (moment: number, { now, zone }: Telling): string =>
  `${absolute(moment, now, zone)}, ${age(moment, now)}`

/** What matters most, in a sentence. */
export const leadWords = (changes: Changes): string => {
  const firing = changes.alerts?.data.filter(({ alert }) => alert.state === 'firing').length ?? 0
  const causes = changes.dead_letters?.data.filter(({ change }) => change === 'appeared' || change === 'regressed').length ?? 0 // prettier-ignore
  const held = changes.breakers?.data.filter(({ state }) => /open$/.test(state)).length ?? 0
  const slow = changes.slow_downs?.total ?? 0
  const missed = changes.schedules?.data.filter(({ change }) => change === 'missed').length ?? 0
  const urgent = said([
    firing > 0 && `${countOf(firing, 'alert')} fired and still ${firing === 1 ? 'does' : 'do'}`,
    causes > 0 && `${countOf(causes, 'cause')} of dead letters appeared or came back`,
    held > 0 && countOf(held, 'breaker is not closed', 'breakers are not closed'),
    slow > 0 && countOf(slow, 'kind of job takes longer', 'kinds of job take longer'),
    missed > 0 && countOf(missed, 'schedule missed slots', 'schedules missed slots'),
  ])
  const sections = [changes.alerts, changes.dead_letters, changes.breakers, changes.slow_downs, changes.schedules, changes.settings, changes.operations, changes.notes] // prettier-ignore
  const found = sections.filter((section) => section !== null)
  const total = found.reduce((sum, section) => sum + section.total, 0)
  const all = most({ total, complete: found.every(({ complete }) => complete) })
  const changesWords = total === 1 ? 'change' : 'changes'
  if (urgent.length === 0) return `Nothing of it is trouble: ${all} ${changesWords}.`
  const sentence = urgent.join('; ')
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. ${all.charAt(0).toUpperCase()}${all.slice(1)} ${changesWords} in all.`
}

/** Whether nothing at all changed, as far as was looked. */
export const isQuiet = (parts: readonly Part[]): boolean => parts.every(({ total }) => total === 0)

/** Sections somebody may not see, with what they lack. */
export const leftOutWords = ({ left_out }: Changes): string[] =>
  left_out.map(({ section, needs }) => `${sectionTitles[section]} (needs ${needs})`)
