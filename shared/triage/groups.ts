// From parts to groups: sums, lists and states, and the order people want to see them in.
import { formatAddress } from '../kernel/ids.ts'
import { toIso } from '../kernel/clock.ts'
import { dlqId } from '../dlq/id.ts'
import { groupOf } from './aliases.ts'
import type { Aliases } from './aliases.ts'
import type { DlqGroup } from './contract.ts'
import { TREND_HOURS, lastHourOf, openOf, trendOf } from './part.ts'
import type { Part } from './part.ts'
import { stateOf, untouched } from './policy.ts'
import type { Triage } from './policy.ts'

/** A group as it is worked with; `shown` is what the API tells of it. */
export interface Group {
  readonly id: string
  readonly parts: readonly Part[]
  readonly triage: Triage
  readonly shown: DlqGroup
}

/** What groups are made from, read at one moment. */
export interface Picture {
  parts: readonly Part[]
  aliases: Aliases
  decisions: ReadonlyMap<string, Triage>
  now: number
}

/** All groups of some parts. */
export const groupsOf = ({ parts, aliases, decisions, now }: Picture): Group[] => {
  const byId = new Map<string, Part[]>()
  for (const part of parts) {
    const id = groupOf(aliases, part)
    const group = byId.get(id)
    if (group) group.push(part)
    else byId.set(id, [part])
  }
  return [...byId].map(([id, its]) => {
    const triage = decisions.get(id) ?? untouched
    return { id, parts: its, triage, shown: show(id, its, triage, now) }
  })
}

/** One of them, made from its own parts only; undefined when no part is its. */
export const groupIn = (picture: Picture, id: string): Group | undefined =>
  groupsOf({ ...picture, parts: picture.parts.filter((part) => groupOf(picture.aliases, part) === id) })[0]

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
const distinct = (texts: readonly string[], most: number): string[] =>
  [...new Set(texts)].filter((text) => text !== '').slice(0, most)

const show = (id: string, parts: readonly Part[], triage: Triage, now: number): DlqGroup => {
  const main = mainOf(id, parts)
  const first = Math.min(...parts.map((part) => part.first))
  const trend = parts
    .map((part) => trendOf(part, now))
    .reduce((all, one) => all.map((count, hour) => count + (one[hour] ?? 0)))
  const lastHour = sum(parts, (part) => lastHourOf(part, now))
  const state = stateOf(triage, first, now)
  const newest = parts.reduce((a, b) => (a.sample.at >= b.sample.at ? a : b))
  const sample = { queue: newest.queue, id: newest.sample.id }
  return {
    id,
    title: main.title,
    state,
    state_since: triage.state === null ? null : toIso(triage.since),
    ignore_until: state === 'ignored' ? ruleOf(triage) : null,
    assignee: triage.assignee,
    note: triage.note,
    first_seen: toIso(first),
    last_seen: toIso(Math.max(...parts.map((part) => part.last))),
    open: sum(parts, openOf),
    total: sum(parts, ({ total }) => total),
    last_hour: lastHour,
    growing: isGrowing(trend, lastHour),
    trend,
    queues: queuesOf(parts),
    ...listsOf(parts),
    sample: { dlq_id: dlqId(sample, newest.sample.at), task_id: formatAddress(sample) },
    version: triage.version,
  }
}

/** The part a group is called after: of its own fingerprint if there is one, and the largest of those. */
const mainOf = (id: string, parts: readonly Part[]): Part => {
  const own = parts.filter(({ fingerprint }) => fingerprint === id)
  return (own.length > 0 ? own : parts).reduce((a, b) => (a.total >= b.total ? a : b))
}

const ruleOf = ({ ignore }: Triage): DlqGroup['ignore_until'] => ({
  at: ignore.until === null ? null : toIso(ignore.until),
  per_hour: ignore.perHour,
  count: ignore.count,
})

const LONG = 20
const QUEUES = 50
const listsOf = (parts: readonly Part[]) => ({
  names: distinct(parts.map(({ name }) => name), LONG), // prettier-ignore
  error_names: distinct(parts.map(({ errorName }) => errorName), LONG), // prettier-ignore
  versions: [...new Set(parts.flatMap(({ versions }) => versions))].slice(-LONG),
  fingerprints: distinct(parts.map(({ fingerprint }) => fingerprint), QUEUES), // prettier-ignore
})

const queuesOf = (parts: readonly Part[]): DlqGroup['queues'] => {
  const open = new Map<string, number>()
  for (const part of parts) open.set(part.queue, (open.get(part.queue) ?? 0) + openOf(part))
  return [...open]
    .map(([queue, count]) => ({ queue, open: count }))
    .sort((a, b) => b.open - a.open)
    .slice(0, QUEUES)
}

/** A few deaths make no trend. */
const GROWING_LEAST = 5
const isGrowing = (trend: readonly number[], lastHour: number): boolean => {
  const before = trend.slice(0, TREND_HOURS - 2)
  return lastHour >= GROWING_LEAST && lastHour > (2 * sum(before, (count) => count)) / before.length
}

export type GroupSort = 'urgency' | '-open' | '-total' | '-last_seen' | '-first_seen'

/** What a group is ordered by, the greater first. The id settles the rest, so that no two stand at one place. */
export type Rank = readonly [...(number | string)[], id: string]

export const rankOf = ({ id, shown }: Group, sort: GroupSort): Rank => {
  const open = Number(shown.open > 0)
  switch (sort) {
    case 'urgency':
      return [open * urgencyOf(shown), shown.last_hour, shown.last_seen, id]
    case '-open':
      return [shown.open, shown.last_seen, id]
    case '-total':
      return [shown.total, shown.last_seen, id]
    case '-last_seen':
      return [shown.last_seen, id]
    case '-first_seen':
      return [shown.first_seen, id]
    default:
      return sort satisfies never
  }
}

const weights: Readonly<Record<DlqGroup['state'], number>> = {
  regressed: 8,
  new: 8,
  ongoing: 4,
  ignored: 2,
  resolved: 1,
}
const urgencyOf = ({ state, growing }: DlqGroup): number =>
  weights[state] + (growing && (state === 'new' || state === 'ongoing' || state === 'regressed') ? 3 : 0)

/** Negative when `a` comes before `b`. */
export const byRank = (a: Rank, b: Rank): number => {
  for (let place = 0; place < a.length; place++) {
    const [one, other] = [a[place] ?? 0, b[place] ?? 0]
    if (one !== other) return one > other ? -1 : 1
  }
  return 0
}
