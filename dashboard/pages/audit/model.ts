// Who changed what, in words: what is asked for, where an entry leads, and how it was before and after.
import type { AuditEntry, AuditQuery } from '../../../shared/audit/contract.ts'
import type { Difference } from '../../../shared/audit/words.ts'
import { csvText } from '../../charts/table.ts'
import type { RouteName } from '../../routes.ts'
import { rangeOf, type Range } from '../../shell/range.ts'
import { countOf, instant } from '../../ui/format.ts'

/** Filters as they stand in the link. */
export interface Asked {
  log: 'changes' | 'work'
  actor: string
  action: string
  kind: string
  target: string
  /** The span of time: a range up to now, or from and to. */
  t: string
  from: string
  to: string
}

type Param = (name: string) => string | undefined

export const askedOf = (param: Param): Asked => ({
  log: param('log') === 'work' ? 'work' : 'changes',
  actor: (param('actor') ?? '').trim(),
  action: (param('action') ?? '').trim(),
  kind: param('kind') ?? '',
  target: (param('target') ?? '').trim(),
  t: param('t') ?? '',
  from: param('from') ?? '',
  to: param('to') ?? '',
})

const spanOf = ({ t, from, to }: Asked, now: number): { from?: string; to?: string } => {
  const [start, end] = [instant(from), instant(to)]
  if (start !== undefined || end !== undefined)
    return {
      ...(start !== undefined && { from: new Date(start).toISOString() }),
      ...(end !== undefined && { to: new Date(end).toISOString() }),
    }
  const range: Range = rangeOf(t)
  return range.value === t ? { from: new Date(now - range.ms).toISOString() } : {}
}

/** What is asked of the API; without a span in the link all that is kept. */
export const queryOf = (asked: Asked, now: number): Partial<AuditQuery> => ({
  ...(asked.log === 'work' && { log: asked.log }),
  ...(asked.actor !== '' && { actor: [asked.actor] }),
  ...(asked.action !== '' && { action: [asked.action] }),
  ...(asked.kind !== '' && { kind: [asked.kind] }),
  ...(asked.target !== '' && { target: asked.target }),
  ...spanOf(asked, now),
})

/** Pages that were fetched, and what the first of them was counted back from. */
export interface Fetched {
  now: number
  next: string | null
}

/** What is asked for one page. Spans are counted back from when the first page was asked for: a cursor is for one span only. */
export const pageQuery = (asked: Asked, limit: number, now: number, before?: Fetched): Partial<AuditQuery> => ({
  ...queryOf(asked, before?.now ?? now),
  limit,
  ...(before?.next && { cursor: before.next }),
})

export interface Narrowing {
  label: string
  /** The parameters of the link that are taken out to drop it. */
  params: readonly string[]
}

/** What narrows the list, each to be dropped by itself. */
export const narrowings = (asked: Asked, range: string): Narrowing[] => [
  ...(asked.actor === '' ? [] : [{ label: `by ${asked.actor}`, params: ['actor'] }]),
  ...(asked.action === '' ? [] : [{ label: actionWords(asked.action), params: ['action'] }]),
  ...(asked.kind === '' ? [] : [{ label: kindWords(asked.kind), params: ['kind'] }]),
  ...(asked.target === '' ? [] : [{ label: asked.target, params: ['target'] }]),
  ...(spanOf(asked, 0).from === undefined && spanOf(asked, 0).to === undefined
    ? []
    : [
        {
          label: asked.from === '' && asked.to === '' ? `last ${range}` : 'the chosen time',
          params: ['t', 'from', 'to'],
        },
      ]),
]

const apart = (name: string): string =>
  name
    .replaceAll(/[._]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/\bapi\b/g, 'API')
    .replaceAll(/\bdlq\b/g, 'dead letter')

/** `editApiKey` → `Edit API key`. */
export const actionWords = (action: string): string => {
  const words = apart(action)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `event_source` → `event source`. */
export const kindWords = (kind: string): string => apart(kind)

/** Kinds of things that the audit knows of, as they are chosen from. */
export const kinds = [
  'alert',
  'alert_rule',
  'annotation',
  'api_key',
  'breaker',
  'dead_letter',
  'dead_letter_group',
  'delivery',
  'event_source',
  'job',
  'operation',
  'queue',
  'schedule',
  'service',
  'session',
  'webhook',
  'worker',
] as const

const pages: Readonly<Record<string, { page: RouteName; param: string }>> = {
  alert_rule: { page: 'alertRule', param: 'id' },
  api_key: { page: 'key', param: 'id' },
  batch: { page: 'operation', param: 'id' },
  breaker: { page: 'breaker', param: 'service' },
  dead_letter: { page: 'deadLetter', param: 'id' },
  dead_letter_group: { page: 'deadLetterGroup', param: 'group' },
  event: { page: 'event', param: 'id' },
  event_source: { page: 'eventSource', param: 'id' },
  job: { page: 'job', param: 'id' },
  operation: { page: 'operation', param: 'id' },
  queue: { page: 'queue', param: 'queue' },
  schedule: { page: 'schedule', param: 'id' },
  service: { page: 'service', param: 'service' },
  webhook: { page: 'webhook', param: 'id' },
}

/** The page of what was changed; undefined for what has none. */
export const pageOf = ({
  kind,
  id,
}: AuditEntry['target']): { page: RouteName; params: Record<string, string> } | undefined => {
  const found = Object.hasOwn(pages, kind) ? pages[kind] : undefined
  return found && id !== null ? { page: found.page, params: { [found.param]: id } } : undefined
}

/** How much changed, for the line that opens it. */
export const changeWords = (entry: Pick<AuditEntry, 'before' | 'after'>, changes: readonly Difference[]): string => {
  if (changes.length === 0) return 'nothing that is shown'
  const many = countOf(changes.length, 'member')
  if (entry.before === null) return `new: ${many}`
  if (entry.after === null) return `gone: ${many}`
  return changes.length <= 2 ? changes.map(({ path }) => path).join(', ') : `${many} changed`
}

/** Entries as CSV, the newest first. */
export const csvOf = (entries: readonly AuditEntry[]): string =>
  csvText([
    ['at', 'actor', 'actor_id', 'actor_kind', 'action', 'kind', 'target', 'before', 'after', 'reason', 'outcome', 'request_id', 'ip'], // prettier-ignore
    ...entries.map((entry) => [
      entry.at,
      entry.actor.name,
      entry.actor.id,
      entry.actor.kind,
      entry.action,
      entry.target.kind,
      entry.target.id ?? '',
      entry.before === null ? '' : JSON.stringify(entry.before),
      entry.after === null ? '' : JSON.stringify(entry.after),
      entry.reason ?? '',
      entry.outcome,
      entry.request_id ?? '',
      entry.ip ?? '',
    ]),
  ])
