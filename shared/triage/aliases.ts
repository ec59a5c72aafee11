// Which group a part belongs to: its fingerprint's, unless somebody merged it into another or split it off.
import { hashId } from '../kernel/ids.ts'
import type { Part } from './part.ts'

type Place = Pick<Part, 'fingerprint' | 'queue'>

/** Field → group: a fingerprint in all queues, or `fingerprint@queue` in one of them. What is taken out again is undone. */
export type Aliases = Readonly<Record<string, string>>

export const groupOf = (aliases: Aliases, { fingerprint, queue }: Place): string => {
  const here = `${fingerprint}@${queue}`
  if (Object.hasOwn(aliases, here)) return aliases[here] as string
  return Object.hasOwn(aliases, fingerprint) ? (aliases[fingerprint] as string) : fingerprint
}

/** The id of the group that the part of a fingerprint becomes when it is split off for its queue. */
export const splitId = ({ fingerprint, queue }: Place): string => hashId(16, 'split', fingerprint, queue)

/** Changes of aliases: null takes one out. */
export type AliasChanges = Readonly<Record<string, string | null>>

/** Makes one group's fingerprints those of another: its own, those merged into it before, and parts split off into it. */
export const merging = (aliases: Aliases, parts: readonly Place[], from: string, into: string): AliasChanges => {
  const changes: Record<string, string | null> = {}
  for (const [field, group] of Object.entries(aliases)) if (group === from) changes[field] = into
  const own = parts.some(({ fingerprint }) => fingerprint === from)
  if (own && !Object.hasOwn(aliases, from)) changes[from] = into
  for (const field of Object.keys(changes)) if (isHome(aliases, field, into)) changes[field] = null
  return changes
}

/** Whether a part would be in that group without an alias of its own. */
const isHome = (aliases: Aliases, field: string, group: string): boolean => {
  const [fingerprint = ''] = field.split('@', 1)
  const theirs = field === fingerprint ? undefined : aliases[fingerprint]
  return (theirs ?? fingerprint) === group
}

/** Takes parts out of a group: fingerprints that were merged in become groups of their own again; a part of the group's
 *  own fingerprint becomes one for its queue. Answers the groups they become. */
export const splitting = (
  aliases: Aliases,
  parts: readonly Place[],
  group: string,
): { changes: AliasChanges; groups: string[] } => {
  const changes: Record<string, string | null> = {}
  const groups = new Set<string>()
  for (const part of parts.filter((one) => groupOf(aliases, one) === group)) {
    const here = `${part.fingerprint}@${part.queue}`
    if (Object.hasOwn(aliases, here)) changes[here] = null
    else if (part.fingerprint !== group) changes[part.fingerprint] = null
    else changes[here] = splitId(part)
    groups.add(groupOf(applied(aliases, changes), part))
  }
  groups.delete(group)
  return { changes, groups: [...groups] }
}

const applied = (aliases: Aliases, changes: AliasChanges): Aliases =>
  Object.fromEntries(
    Object.entries({ ...aliases, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  )
