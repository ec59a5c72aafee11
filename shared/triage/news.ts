// What deaths change about groups: one that was never seen, one that was taken for resolved, one ignored only so far.
import type { Kernel } from '../kernel/kernel.ts'
import { groupOf } from './aliases.ts'
import type { Aliases } from './aliases.ts'
import type { Book } from './book.ts'
import { DlqGroupChanged } from './contract.ts'
import type { IndexOps } from './dead-index.ts'
import { decisionsKey } from './keys.ts'
import { lastHourOf } from './part.ts'
import type { Part } from './part.ts'
import { parseTriage, stateOf, undoneBy } from './policy.ts'
import type { Triage } from './policy.ts'

/** What one page counted. */
export interface Counted {
  /** Parts that were made. */
  fresh: readonly Part[]
  /** Versions of the deaths that were seen happen, by part. */
  deaths: ReadonlyMap<Part, readonly (string | null)[]>
  aliases: Aliases
}

export interface News {
  /** Collects the changes of groups and the facts that tell them. */
  tell(ops: IndexOps, book: Book, counted: Counted): Promise<void>
}

/** Facts of groups in one minute. Where everything fails differently each time, nobody wants to hear of each. */
const FACTS_PER_MINUTE = 60

export const createNews = (kernel: Kernel): News => {
  const allow = createAllowance(kernel)
  return {
    async tell(ops, book, { fresh, deaths, aliases }) {
      if (deaths.size === 0) return
      const groups = byGroup(aliases, deaths)
      const ids = [...groups.keys()]
      const decisions = await kernel.redis.hmget(decisionsKey(kernel), ...ids)
      const older = olderGroups(aliases, book, fresh)
      ids.forEach((id, index) => {
        const group = groups.get(id)
        if (!group) return
        if (!older.has(id)) appeared(ops, kernel, id, group, allow)
        undo({ ops, kernel, book, aliases, allow }, id, group, decisions[index] ?? '')
      })
    },
  }
}

interface Touched {
  part: Part
  versions: (string | null)[]
}

const byGroup = (aliases: Aliases, deaths: Counted['deaths']): Map<string, Touched> => {
  const groups = new Map<string, Touched>()
  for (const [part, versions] of deaths) {
    const id = groupOf(aliases, part)
    const group = groups.get(id) ?? { part, versions: [] }
    group.versions.push(...versions)
    groups.set(id, group)
  }
  return groups
}

/** Groups with a part that was there before this page. */
const olderGroups = (aliases: Aliases, book: Book, fresh: readonly Part[]): ReadonlySet<string> => {
  const isFresh = new Set(fresh)
  return new Set(book.parts().flatMap((part) => (isFresh.has(part) ? [] : groupOf(aliases, part))))
}

type Allow = () => boolean

const createAllowance = (kernel: Kernel): Allow => {
  let minute = 0
  let told = 0
  return () => {
    const now = Math.floor(kernel.clock.now() / 60_000)
    if (now !== minute) [minute, told] = [now, 0]
    return ++told <= FACTS_PER_MINUTE
  }
}

const appeared = (ops: IndexOps, kernel: Kernel, id: string, { part }: Touched, allow: Allow): void => {
  if (!allow()) return
  ops.fact(DlqGroupChanged, kernel.clock.now(), {
    group_id: id,
    title: part.title,
    queue: part.queue,
    before: null,
    state: 'new',
    reason: 'appeared',
    actor: null,
  })
}

interface Undoing {
  ops: IndexOps
  kernel: Kernel
  book: Book
  aliases: Aliases
  allow: Allow
}

/** What somebody decided meanwhile stands: the change happens only where the decision is the one that was read. */
const undo = (
  { ops, kernel, book, aliases, allow }: Undoing,
  id: string,
  { part, versions }: Touched,
  was: string,
): void => {
  const triage = parseTriage(was === '' ? null : was)
  if (triage.state !== 'ignored' && triage.state !== 'resolved') return
  const now = kernel.clock.now()
  const parts = book.parts().filter((one) => groupOf(aliases, one) === id)
  const total = parts.reduce((sum, one) => sum + one.total, 0)
  const lastHour = parts.reduce((sum, one) => sum + lastHourOf(one, now), 0)
  const undone = undoneBy(triage, { versions, total, lastHour, now })
  if (!undone) return
  const next: Triage = { ...triage, state: undone.state, since: now, total, version: triage.version + 1 }
  ops.swap(decisionsKey(kernel), id, was, JSON.stringify(next), () => {
    if (!allow()) return
    ops.fact(DlqGroupChanged, now, {
      group_id: id,
      title: part.title,
      queue: part.queue,
      before: stateOf(triage, part.first, triage.since),
      state: undone.state,
      reason: undone.reason,
      actor: null,
    })
  })
}
