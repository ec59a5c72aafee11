// Groups of dead letters in words, and in which order they stay while somebody reads them.
import type { DlqGroup } from '../../../shared/triage/contract.ts'
import { absolute, clockTime, count, countOf, instant } from '../../ui/format.ts'
import type { Show } from './filter.ts'

const growingStates: ReadonlySet<DlqGroup['state']> = new Set(['new', 'ongoing', 'regressed'])
const stateWord: Record<DlqGroup['state'], string> = {
  new: 'New',
  ongoing: 'Ongoing',
  ignored: 'Ignored',
  resolved: 'Resolved',
  regressed: 'Regressed',
}

/** The state on its chip: "New, growing", "Ignored until 10:40". */
export const chipWord = (group: DlqGroup, now: number, zone?: string): string => {
  if (group.state === 'ignored') return `Ignored ${ignoreWords(group, now, zone)}`
  const grows = group.growing && group.open > 0 && growingStates.has(group.state)
  return grows ? `${stateWord[group.state]}, growing` : stateWord[group.state]
}

/** Until when a group is ignored, whatever comes first. */
export const ignoreWords = (
  { ignore_until: until }: Pick<DlqGroup, 'ignore_until'>,
  now: number,
  zone?: string,
): string => {
  const at = instant(until?.at)
  const ends = [
    at === undefined ? '' : absolute(at, now, zone),
    until?.per_hour == null ? '' : `more than ${count(until.per_hour)} die in an hour`,
    until?.count == null ? '' : `${count(until.count)} more have died`,
  ].filter((end) => end !== '')
  return ends.length === 0 ? 'until somebody ends it' : `until ${ends.join(' or ')}`
}

const showWords: Record<Show, string> = {
  open: 'open ',
  new: 'new ',
  regressed: 'regressed ',
  ongoing: 'ongoing ',
  ignored: 'ignored ',
  resolved: 'resolved ',
  all: '',
}

/** The line above the list; `more` when not all groups that fit are shown. */
export const summaryWords = (groups: readonly Pick<DlqGroup, 'open'>[], show: Show, more: boolean): string => {
  const open = groups.reduce((sum, group) => sum + group.open, 0)
  const of = more
    ? `the first ${count(groups.length)} ${showWords[show]}groups`
    : countOf(groups.length, `${showWords[show]}group`)
  return `${countOf(open, 'dead letter')} in ${of}, new or growing first.`
}

/** Where the jobs of a group died: "mail.send in mail and 2 more queues". */
export const whereWords = ({ queues, names }: Pick<DlqGroup, 'queues' | 'names'>): string => {
  const [queue, ...others] = queues
  const name = names.length > 1 ? `${names[0] ?? ''} and ${countOf(names.length - 1, 'other job')}` : (names[0] ?? '')
  if (!queue) return name
  return `${name} in ${queue.queue}${others.length === 0 ? '' : ` and ${countOf(others.length, 'more queue')}`}`
}

/** The versions, the newest first, no more than fit. */
export const versionWords = (versions: readonly string[], most = 3): string => {
  const shown = versions.toReversed().slice(0, most)
  if (shown.length === 0) return 'not told'
  const rest = versions.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? `, ${count(rest)} more` : ''}`
}

/** What the trend says, for those who do not see it. */
export const trendWords = ({ trend, last_hour }: Pick<DlqGroup, 'trend' | 'last_hour'>): string =>
  `${countOf(
    trend.reduce((sum, hour) => sum + hour, 0),
    'death',
  )} in the last 24 hours, ${count(last_hour)} of them in the last hour`

/** Ids as the link holds them. */
export const readSelection = (sel: string | undefined): ReadonlySet<string> =>
  new Set((sel ?? '').split(',').filter((id) => id !== ''))

/** A selection with one put in, or taken out. */
export const toggled = (selection: ReadonlySet<string>, id: string): string =>
  (selection.has(id) ? [...selection].filter((each) => each !== id) : [...selection, id]).join(',')

export interface Arranged {
  rows: DlqGroup[]
  /** Groups that came while the list was held and that it does not show yet. */
  fresh: number
}

/** What the list shows of a newer answer. While somebody has pointer or focus in it no row moves, appears or goes; what
 *  the rows say is of now. */
export const arrange = (shown: readonly DlqGroup[], newer: readonly DlqGroup[], held: boolean): Arranged => {
  if (!held) return { rows: [...newer], fresh: 0 }
  const known = new Map(newer.map((group) => [group.id, group]))
  const ids = new Set(shown.map(({ id }) => id))
  return {
    rows: shown.map((group) => known.get(group.id) ?? group),
    fresh: newer.filter(({ id }) => !ids.has(id)).length,
  }
}

const ending = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** A group in a sentence or three. */
export const groupSentence = (group: DlqGroup, now: number, zone?: string): string => {
  const { open, total, last_hour: hour, assignee, queues, state } = group
  const since = instant(group.first_seen)
  const first = since === undefined ? '' : `, the first at ${absolute(since, now, zone)}`
  const lying =
    open === 0
      ? 'None lies there now'
      : `${countOf(open, 'dead letter lies', 'dead letters lie')} in ${countOf(queues.length, 'queue')}`
  const recent =
    hour === 0
      ? 'None died in the last hour.'
      : `${count(hour)} died in the last hour${group.growing ? ', more than usual' : ''}.`
  const ignored = state === 'ignored' ? ` Ignored ${ignoreWords(group, now, zone)}.` : ''
  const whose = assignee === null ? '' : ` ${ending(`${assignee} looks after it`)}`
  return `${lying}; ${countOf(total, 'death')} in all${first}. ${recent}${ignored}${whose}`
}

/** How long ago the state was decided, as a clock time. */
export const sinceWords = ({ state_since: since }: Pick<DlqGroup, 'state_since'>, zone?: string): string => {
  const at = instant(since)
  return at === undefined ? '' : `since ${clockTime(at, zone)}`
}
