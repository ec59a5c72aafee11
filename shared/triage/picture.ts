// Reading what the recorder keeps of the inbox: all parts, what was decided about groups, and where entries lie.
import type { Kernel } from '../kernel/kernel.ts'
import { groupsOf } from './groups.ts'
import type { Group, Picture } from './groups.ts'
import { aliasesKey, decisionsKey, partsKey } from './keys.ts'
import { REST_ID, unpackPart } from './part.ts'
import type { Part } from './part.ts'
import { parseTriage } from './policy.ts'

export interface Pictures {
  /** Everything as it is now. There are some thousands of parts at most, and one that did not change is not parsed again. */
  read(): Promise<Picture>
  /** The groups of all parts in some queues. */
  groups(allowed: (queue: string) => boolean): Promise<Group[]>
}

export const createPictures = (kernel: Kernel): Pictures => {
  let known = new Map<string, { text: string; part: Part }>()
  const parse = (stored: Record<string, string>): Part[] => {
    const before = known
    known = new Map(
      Object.entries(stored).map(([field, text]) => {
        const same = before.get(field)
        return [field, same?.text === text ? same : { text, part: unpackPart(field, text) }]
      }),
    )
    return [...known.values()].map(({ part }) => part)
  }
  const read = async (): Promise<Picture> => {
    const [stored, aliases, decided] = await Promise.all([
      kernel.redis.hgetall(partsKey(kernel)),
      kernel.redis.hgetall(aliasesKey(kernel)),
      kernel.redis.hgetall(decisionsKey(kernel)),
    ])
    const decisions = new Map(Object.entries(decided).map(([id, text]) => [id, parseTriage(text)]))
    return { parts: parse(stored), aliases, decisions, now: kernel.clock.now() }
  }
  return {
    read,
    async groups(allowed) {
      const picture = await read()
      return groupsOf({ ...picture, parts: picture.parts.filter(({ queue }) => allowed(queue)) })
    },
  }
}

/** Whether a part holds what could not be told apart, so that each of its entries is to be looked at itself. */
export const isRest = ({ fingerprint }: Pick<Part, 'fingerprint'>): boolean => fingerprint === REST_ID
