// Alerts as people see them: listed, looked after, silenced; and the rules they come from, shown and changed.
import type { Principal } from '../auth/contract.ts'
import { demandAllQueues } from '../auth/reach.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { PreconditionFailed, ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { AlertEnded, AlertMissing } from './contract.ts'
import type { Alert, AlertQuery, AlertRule, AlertRulePatch, AlertSeries, AlertSilence } from './contract.ts'
import { AlertRuleChanged } from './events.ts'
import { acknowledged, silenced } from './facts.ts'
import { inOrder, pageOf, statesOf } from './list.ts'
import { sees, toAlert, toRule } from './present.ts'
import { mistakeIn, ruleOf, usualRules } from './rules.ts'
import { seriesOf } from './series.ts'
import type { SeriesQuery } from './series.ts'
import { createAlertStore, draftOf, placeOf } from './store.ts'
import type { Now, RuleEdit } from './store.ts'
import { RULE_IDS } from './words.ts'
import type { AlertDraft, AlertRecord, RuleId, Silence } from './words.ts'

/** The versions a rule may have for a change to be made. */
export interface Condition {
  versions?: readonly number[] | 'any' | undefined
}

/** An alert the principal may not see does not exist for it. */
export interface Alerts {
  list(principal: Principal, query: AlertQuery): Promise<Page<Alert>>
  /** Problem: `alert-not-found`. */
  show(principal: Principal, id: string): Promise<Alert>
  /** Problems: `alert-not-found`, `alert-ended`. */
  acknowledge(principal: Principal, id: string, note: string | undefined): Promise<Alert>
  /** Problems: `alert-not-found`, `alert-ended`, `validation-failed` for a time that is over or far away. */
  silence(principal: Principal, id: string, asked: AlertSilence): Promise<Alert>
  /** Problem: `alert-not-found`. */
  unsilence(principal: Principal, id: string): Promise<Alert>
  rules(principal: Principal): Promise<AlertRule[]>
  rule(principal: Principal, id: RuleId): Promise<AlertRule>
  /** Problems: `resource-forbidden` for who may not see every queue, `precondition-failed`, `validation-failed`. */
  editRule(principal: Principal, id: RuleId, patch: AlertRulePatch, condition?: Condition): Promise<AlertRule>
  series(principal: Principal, id: RuleId, query: SeriesQuery): Promise<AlertSeries>
  /** Those that are so now, and the ones that ended last, for a page that shows all of them. */
  rows(principal: Principal): Promise<Alert[]>
  /** Those that fire now, and those that fired since. */
  glance(principal: Principal, since: number): Promise<{ firing: Alert[]; fired: Alert[] }>
  /** Those that fire now, and those that ended since: whatever fired or was resolved since is among them. */
  changed(principal: Principal, since: number): Promise<Alert[]>
}

const SILENCE_MAX_MS = 31 * 86_400_000
/** How often a change is tried again when the check was faster. */
const TRIES = 5
/** Ended ones that a page shows. */
const ENDED_SHOWN = 50

export const createAlerts = (kernel: Kernel): Alerts => {
  const { clock } = kernel
  const store = createAlertStore(kernel)
  const usual = usualRules(kernel)

  const shown = (record: AlertRecord, { silences }: Pick<Now, 'silences'>): Alert =>
    toAlert(record, silences.get(placeOf(record.rule, record.subject)), clock.now())
  const seen = (principal: Principal, now: Now): Alert[] =>
    [...now.active.values()].filter(({ subject }) => sees(principal, subject)).map((record) => shown(record, now))
  const endedSeen = async (principal: Principal, since: number, count?: number): Promise<Alert[]> =>
    (await store.endedSince(since, count))
      .filter(({ subject }) => sees(principal, subject))
      .map((record) => toAlert(record, undefined, clock.now()))

  const find = async (principal: Principal, id: string): Promise<{ record: AlertRecord; now: Now }> => {
    const now = await store.now()
    const active = [...now.active.values()].find((alert) => alert.id === id)
    const record = active ?? (await store.endedOne(id))
    if (record !== undefined && sees(principal, record.subject)) return { record, now }
    throw AlertMissing(`There is no alert ${id}.`)
  }
  const findOpen = async (principal: Principal, id: string): Promise<{ record: AlertRecord; now: Now }> => {
    const found = await find(principal, id)
    const { state, resolvedAt } = found.record
    if (state !== 'resolved') return found
    throw AlertEnded(`The alert ${id} was resolved at ${toIso(resolvedAt ?? clock.now())}.`)
  }
  const list = async (principal: Principal, query: AlertQuery): Promise<Page<Alert>> => {
    const now = await store.now()
    const ended = statesOf(query).includes('resolved') ? await endedSeen(principal, 0) : []
    return pageOf(kernel, [...seen(principal, now), ...ended], query)
  }
  const acknowledge: Alerts['acknowledge'] = async (principal, id, note) => {
    const said = { by: principal.name, at: clock.now(), note: note ?? null }
    for (let left = TRIES; left > 0; left--) {
      const { record, now } = await findOpen(principal, id)
      const next: AlertDraft = { ...draftOf(record), acknowledged: said }
      const told = acknowledged(next, said.at, said.by, said.note)
      const place = placeOf(record.rule, record.subject)
      const [version = 0] = await store.settle([{ place, read: record.version, next, fact: told }])
      if (version > 0) return shown({ ...next, version }, now)
    }
    throw PreconditionFailed(`The alert ${id} is being changed by others; try again.`)
  }
  const hush = async (principal: Principal, id: string, silence: Silence | undefined): Promise<Alert> => {
    const { record } = silence === undefined ? await find(principal, id) : await findOpen(principal, id)
    await store.silence(placeOf(record.rule, record.subject), silence, silenced(record, clock.now(), principal.name, silence)) // prettier-ignore
    return toAlert(record, silence, clock.now())
  }
  const silence = async (principal: Principal, id: string, { until, reason }: AlertSilence): Promise<Alert> => {
    const at = clock.now()
    return hush(principal, id, { until: untilOf(until, at), by: principal.name, at, reason: reason ?? null })
  }
  const editRule = async (
    principal: Principal,
    id: RuleId,
    patch: AlertRulePatch,
    { versions }: Condition = {},
  ): Promise<AlertRule> => {
    demandAllQueues(principal, 'A rule judges what happens in queues')
    for (let left = TRIES; left > 0; left--) {
      const now = await store.now()
      const before = now.edits.get(id)
      const read = before?.version ?? 0
      if (versions !== undefined && versions !== 'any' && !versions.includes(read))
        throw PreconditionFailed(`The rule ${id} has another version than the request says.`, {
          headers: { ETag: `"${read}"` },
        })
      const settings = withPatch(before?.settings ?? {}, patch)
      const edit = { settings, by: principal.name, at: clock.now() }
      const rule = ruleOf(usual, id, edit)
      refuse(mistakeIn(rule.kind, rule.settings))
      const told = fact(AlertRuleChanged, edit.at, { rule_id: id, actor: edit.by, version: 0 })
      const { version: _version, ...data } = told.data
      const version = await store.saveEdit(id, read, edit, { ...told, data })
      if (version === undefined) continue
      return toRule(principal, rule, { ...now, edits: new Map([...now.edits, [id, { ...edit, version }]]) })
    }
    throw PreconditionFailed(`The rule ${id} is being changed by others; try again.`)
  }
  const rules = async (principal: Principal): Promise<AlertRule[]> => {
    const now = await store.now()
    return RULE_IDS.map((id) => toRule(principal, ruleOf(usual, id, now.edits.get(id)), now))
  }
  const rule = async (principal: Principal, id: RuleId): Promise<AlertRule> => {
    const now = await store.now()
    return toRule(principal, ruleOf(usual, id, now.edits.get(id)), now)
  }
  const rows = async (principal: Principal): Promise<Alert[]> => {
    const [now, ended] = await Promise.all([store.now(), endedSeen(principal, 0, ENDED_SHOWN)])
    return inOrder([...seen(principal, now), ...ended])
  }
  const glance: Alerts['glance'] = async (principal, since) => {
    const [now, ended] = await Promise.all([store.now(), endedSeen(principal, since)])
    const firing = inOrder(seen(principal, now)).filter(({ state }) => state === 'firing')
    const isFresh = ({ fired_at }: Alert): boolean => fired_at !== null && Date.parse(fired_at) >= since
    return { firing, fired: [...firing, ...ended].filter(isFresh) }
  }
  const changed: Alerts['changed'] = async (principal, since) => {
    const [now, ended] = await Promise.all([store.now(), endedSeen(principal, since)])
    return [...seen(principal, now).filter(({ state }) => state === 'firing'), ...ended]
  }
  return {
    list: (principal, query) => guardRedis(list(principal, query), 'read'),
    show: (principal, id) => guardRedis(find(principal, id).then(({ record, now }) => shown(record, now)), 'read'), // prettier-ignore
    acknowledge: (principal, id, note) => guardRedis(acknowledge(principal, id, note)),
    silence: (principal, id, asked) => guardRedis(silence(principal, id, asked)),
    unsilence: (principal, id) => guardRedis(hush(principal, id, undefined)),
    rules: (principal) => guardRedis(rules(principal), 'read'),
    rule: (principal, id) => guardRedis(rule(principal, id), 'read'),
    editRule: (principal, id, patch, condition) => guardRedis(editRule(principal, id, patch, condition)),
    series: (principal, id, query) => guardRedis(seriesOf(kernel, store, principal, id, query), 'read'),
    rows: (principal) => guardRedis(rows(principal), 'read'),
    glance: (principal, since) => guardRedis(glance(principal, since), 'read'),
    changed: (principal, since) => guardRedis(changed(principal, since), 'read'),
  }
}

/** Null takes the usual value again. */
const withPatch = (before: RuleEdit['settings'], patch: AlertRulePatch): RuleEdit['settings'] =>
  Object.fromEntries(
    Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null && value !== undefined),
  )

const refuse = (mistake: ReturnType<typeof mistakeIn>): void => {
  if (mistake === undefined) return
  throw ValidationFailed('The rule would not be valid.', {
    errors: [{ pointer: `#/${mistake.member}`, code: 'custom', detail: mistake.detail }],
  })
}

const untilOf = (until: string, now: number): number => {
  const at = Date.parse(until)
  if (at > now && at <= now + SILENCE_MAX_MS) return at
  throw ValidationFailed('The silence is not valid.', {
    errors: [{ pointer: '#/until', code: 'custom', detail: 'must be in the future, within 31 days from now' }],
  })
}
