// What changed since a moment: all that concerns somebody who comes back, in sections, as far as they may see it.
import type { AuditEntry } from '../audit/contract.ts'
import type { Principal, Scope } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { InvalidParameter } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { SECTIONS } from './contract.ts'
import type { Changes, SectionName } from './contract.ts'
import { lineOf, settingChanges, whomIn } from './settings.ts'
import { createSlowDowns } from './slow-downs.ts'
import { createLooks } from './sources.ts'
import type { ChangeSources } from './sources.ts'
import { alertChanges, breakerChanges, groupChanges } from './trouble.ts'
import type { Span } from './trouble.ts'
import type { Found } from './walk.ts'
import { operationChanges, scheduleChanges } from './work.ts'

export interface ChangesQuery {
  since?: string | undefined
  until?: string | undefined
  /** Changes told of each kind. */
  limit: number
}

export interface ChangesRoom {
  /** Sections the principal may not see are null and in `left_out`. Problem: `invalid-parameter` for a time that ends before it begins. */
  list(principal: Principal, query: ChangesQuery): Promise<Changes>
}

const HOUR_MS = 3_600_000
const USUAL_MS = 8 * HOUR_MS
const FURTHEST_MS = 31 * 24 * HOUR_MS

const NEEDS: Readonly<Record<SectionName, { scope: Scope; all?: true }>> = {
  alerts: { scope: 'alerts:read' },
  dead_letters: { scope: 'recovery:read' },
  breakers: { scope: 'recovery:read' },
  slow_downs: { scope: 'metrics:read' },
  schedules: { scope: 'schedules:read' },
  settings: { scope: 'audit:read', all: true },
  operations: { scope: 'operations:read' },
  notes: { scope: 'jobs:read', all: true },
}

/** What somebody lacks for a section; undefined when they may see it. */
const lacks = ({ scopes, queues }: Principal, name: SectionName): string | undefined => {
  const { scope, all } = NEEDS[name]
  if (!scopes.includes(scope)) return scope
  return all && !queues.includes('*') ? 'all queues' : undefined
}

export const createChanges = (kernel: Kernel, sources: ChangeSources): ChangesRoom => {
  const look = createLooks(sources)
  const slowDowns = createSlowDowns(kernel)
  const list: ChangesRoom['list'] = async (principal, query) => {
    const now = kernel.clock.now()
    const span = spanOf(query, now)
    // A time that is not told of is not a quiet one.
    const isTold = span.to > now - FURTHEST_MS
    const seen = <Item>(name: SectionName, find: () => Promise<Item>): Promise<Item> | undefined =>
      lacks(principal, name) === undefined ? find() : undefined
    const [alerts, groups, breakers, slow, schedules, entries, operations, notes] = await Promise.all([
      seen('alerts', () => look.alerts(principal, span, now)),
      seen('dead_letters', () => look.groups(principal, span)),
      seen('breakers', () => look.breakers(span)),
      seen('slow_downs', () => slowDowns(principal, span)),
      seen('schedules', () => look.schedules(principal, span, now)),
      seen('settings', () => look.audit(principal, span)),
      seen('operations', () => look.operations(principal, span, now)),
      seen('notes', () => look.notes(principal, span)),
    ])
    const whom = whomIn(entries?.items ?? [])
    const of = <Item, Line>(found: Found<Item> | undefined, lines: (items: Item[]) => Line[]) =>
      found === undefined
        ? null
        : sectionOf({ ...found, complete: found.complete && isTold, items: lines(found.items) }, query.limit)
    const told = {
      alerts: of(alerts, (items) => alertChanges(items, span)),
      dead_letters: of(groups, (items) => groupChanges(items, span, whom)),
      breakers: of(
        breakers && { items: [breakers], complete: !breakers.truncated, from: span.from },
        (items) => items.flatMap((one) => breakerChanges(one, span, whom)),
      ), // prettier-ignore
      slow_downs: of(slow, (items) => items),
      schedules: of(schedules, scheduleChanges),
    }
    return {
      ...{ since: toIso(span.from), until: toIso(span.to) },
      ...told,
      settings: withLines(of(entries, (items) => settingChanges(items, aboutOf(told)))),
      operations: of(operations, (items) => operationChanges(items, span)),
      notes: of(notes, (items) => items),
      left_out: SECTIONS.flatMap((section) => {
        const needs = lacks(principal, section)
        return needs === undefined ? [] : [{ section, needs }]
      }),
    }
  }
  return { list: (principal, query) => guardRedis(list(principal, query), 'read') }
}

/** What lines are about, by the kind that the audit gives it and its id. */
const aboutOf = ({
  alerts,
  dead_letters,
  breakers,
  schedules,
}: Pick<Changes, 'alerts' | 'dead_letters' | 'breakers' | 'schedules'>): ReadonlySet<string> =>
  new Set([
    ...(alerts?.data ?? []).map(({ alert }) => `alert ${alert.id}`),
    ...(dead_letters?.data ?? []).flatMap(({ group, by }) => (by === null ? [] : `dead_letter_group ${group.id}`)),
    ...(breakers?.data ?? []).flatMap(({ service, by }) => (by === null ? [] : `breaker ${service}`)),
    ...(schedules?.data ?? []).flatMap(({ schedule_id, by }) => (by === null ? [] : `schedule ${schedule_id}`)),
  ])

const sectionOf = <Line>({ items, complete, from }: Found<Line>, limit: number) => ({
  ...{ total: items.length, complete, from: toIso(from) },
  data: items.slice(0, limit),
})

const withLines = (section: ReturnType<typeof sectionOf<AuditEntry>> | null): Changes['settings'] =>
  section && { ...section, data: section.data.map(lineOf) }

/** A time to come has no changes yet; one that ends before it begins is a mistake. */
const spanOf = ({ since, until }: ChangesQuery, now: number): Span => {
  const end = until === undefined ? Infinity : Date.parse(until)
  const to = Math.min(end, now)
  const from = since === undefined ? to - USUAL_MS : Date.parse(since)
  if (from < end) return { from: Math.min(Math.max(from, now - FURTHEST_MS), to), to }
  throw InvalidParameter('`since` must be before `until`.', {
    errors: [{ parameter: 'since', in: 'query', code: 'custom', detail: 'must be before `until`' }],
  })
}
