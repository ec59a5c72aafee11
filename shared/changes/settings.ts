// Who changed what: entries of the audit as lines of their own, and as whoever stands behind what else is told.
import type { AuditEntry } from '../audit/contract.ts'
import { diffOf, isSetting } from '../audit/words.ts'
import { MEMBERS_MAX } from './contract.ts'
import type { SettingChange } from './contract.ts'

/** Who did something to a thing at a moment; undefined where nobody is known. */
export type Whom = (kind: string, id: string, at: string) => { by: string; reason: string | null } | undefined

/** What is done to these shows as what became of them, so that it is no line of its own where that is told. */
const STEERS: Readonly<Record<string, ReadonlySet<string>>> = {
  alert: new Set(['acknowledgeAlert']),
  breaker: new Set(['forceBreakerOpen', 'forceBreakerClosed', 'disableBreaker', 'letBreakerDecide', 'resetBreaker']),
  dead_letter_group: new Set(['updateDlqGroup']),
  schedule: new Set(['pauseSchedule']),
}
const steers = ({ target: { kind }, action }: AuditEntry): boolean => STEERS[kind]?.has(action) === true

/** A change is noted when it begins, and is so a moment later. */
const BESIDE_MS = 5_000

/** Finds who steered something, from entries newest first. */
export const whomIn = (entries: readonly AuditEntry[]): Whom => {
  const by = Map.groupBy(entries.filter(steers), ({ target }) => `${target.kind} ${target.id ?? ''}`)
  return (kind, id, at) => {
    const near = by.get(`${kind} ${id}`)?.find((entry) => Math.abs(Date.parse(entry.at) - Date.parse(at)) <= BESIDE_MS)
    return near && { by: near.actor.name, reason: near.reason }
  }
}

/** Those about settings, without those that other lines tell: `told` are kind and id of what these are about. */
export const settingChanges = (entries: readonly AuditEntry[], told: ReadonlySet<string>): AuditEntry[] =>
  entries.filter(
    (entry) => isSetting(entry) && !(steers(entry) && told.has(`${entry.target.kind} ${entry.target.id ?? ''}`)),
  )

/** What an entry says in one line: made for those that are told, as comparing takes its time. */
export const lineOf = (entry: AuditEntry): SettingChange => {
  const { id, at, action, target, actor, reason, outcome, before, after } = entry
  // Of what was made or is gone every member would differ.
  const members = before === null || after === null ? [] : diffOf({ before, after })
  return {
    ...{ id, at, action, target, by: actor.name, reason, outcome },
    members: members.slice(0, MEMBERS_MAX).map((one) => ({
      path: one.path,
      before: short(one.before),
      after: short(one.after),
    })),
    more: Math.max(0, members.length - MEMBERS_MAX),
  }
}

const TEXT_MAX = 80
const short = (text: string | undefined): string | null => {
  if (text === undefined) return null
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`
}
