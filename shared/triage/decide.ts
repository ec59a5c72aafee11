// Deciding about groups: what a person wants becomes the group's record, unless it was changed meanwhile.
import type { Principal } from '../auth/contract.ts'
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { script } from '../kernel/script.ts'
import type { EventLog } from '../stream/log.ts'
import { DlqGroupChanged } from './contract.ts'
import type { DlqGroup, GroupDecision } from './contract.ts'
import { groupsOf } from './groups.ts'
import type { Group } from './groups.ts'
import { decisionsKey } from './keys.ts'
import { parseTriage } from './policy.ts'
import type { Triage } from './policy.ts'

const swap = script(new URL('./swap.lua', import.meta.url))
/** Others who decide at the same moment; more than a few would be a loop. */
const TRIES = 5

export interface Deciding {
  kernel: Kernel
  log: EventLog
}

/** Applies a decision to a group as it stands. `version`: only to that one; problem `precondition-failed`. */
export const decide = async (
  { kernel, log }: Deciding,
  principal: Principal,
  group: Group,
  decision: GroupDecision,
  version?: number,
): Promise<DlqGroup> => {
  const key = decisionsKey(kernel)
  for (let tried = 0; tried < TRIES; tried++) {
    const was = (await kernel.redis.hget(key, group.id)) ?? ''
    const before = parseTriage(was === '' ? null : was)
    if (version !== undefined && version !== before.version)
      throw PreconditionFailed(`The group is at version ${before.version}, not ${version}; read it again.`, {
        headers: { ETag: `"${before.version}"` },
      })
    const next = decided(before, group.shown, decision, kernel.clock.now())
    if ((await swap(kernel.redis, [key], [group.id, was, JSON.stringify(next)])) !== 1) continue
    const shown = shownWith(group, next, kernel.clock.now())
    if (shown.state !== group.shown.state) await tell(log, kernel, principal, group, shown)
    return shown
  }
  throw PreconditionFailed('Others kept deciding about this group at the same moment; read it again.')
}

const decided = (before: Triage, shown: DlqGroup, decision: GroupDecision, now: number): Triage => ({
  ...before,
  ...(decision.state === undefined
    ? {}
    : {
        state: decision.state,
        since: now,
        total: shown.total,
        versions: shown.versions,
        ignore: ruleOf(decision.ignore_until),
      }),
  assignee: decision.assignee === undefined ? before.assignee : decision.assignee,
  note: decision.note === undefined ? before.note : decision.note,
  version: before.version + 1,
})

const ruleOf = (rule: GroupDecision['ignore_until']): Triage['ignore'] => ({
  until: rule?.at === undefined ? null : Date.parse(rule.at),
  perHour: rule?.per_hour ?? null,
  count: rule?.count ?? null,
})

const shownWith = (group: Group, triage: Triage, now: number): DlqGroup => {
  // Its parts are one group already, whatever aliases made them so.
  const aliases = Object.fromEntries(group.parts.map((part) => [`${part.fingerprint}@${part.queue}`, group.id]))
  const [again] = groupsOf({ parts: group.parts, aliases, decisions: new Map([[group.id, triage]]), now })
  return again?.shown ?? group.shown
}

const tell = async (
  log: EventLog,
  kernel: Kernel,
  principal: Principal,
  group: Group,
  shown: DlqGroup,
): Promise<void> => {
  await log.append([
    fact(DlqGroupChanged, kernel.clock.now(), {
      group_id: group.id,
      title: shown.title,
      queue: group.parts[0]?.queue ?? '',
      before: group.shown.state,
      state: shown.state,
      reason: 'decided',
      actor: principal.name,
    }),
  ])
}
