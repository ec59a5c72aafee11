// The audit, newest first, as far as filters let through.
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { AuditEntry, AuditQuery } from './contract.ts'
import { entryOf, parseStored } from './store.ts'
import type { AuditStore, Stored } from './store.ts'

/** Entries looked at in one call, whatever the filters leave of them. */
const LOOK_MAX = 1_000
const STRETCH = 500

type Filter = Omit<AuditQuery, 'limit' | 'cursor'>

export const listAudit = async (
  kernel: Kernel,
  store: AuditStore,
  { limit, cursor, ...filter }: AuditQuery,
): Promise<Page<AuditEntry>> => {
  const secret = cursorSecret(kernel)
  const oldest = filter.from === undefined ? '-' : String(msOf(filter.from))
  let at = cursor === undefined ? undefined : decodeCursor<string>(secret, cursor, filter)
  const found: AuditEntry[] = []
  let looked = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK_MAX && !isEnd) {
    const before = at === undefined ? newestOf(filter) : `(${at}`
    const count = isNarrow(filter) ? STRETCH : limit + 1 - found.length
    const entries = await store.page(filter.log, { before, oldest }, count)
    for (const { id, text } of entries) {
      const stored = couldFit(filter, text) ? parseStored(text) : undefined
      if (stored !== undefined && fits(filter, stored)) found.push(entryOf(id, stored))
    }
    at = entries.at(-1)?.id ?? at
    looked += entries.length
    isEnd = entries.length < count
  }
  const data = found.slice(0, limit)
  const next = found.length > limit ? data.at(-1)?.id : isEnd ? undefined : at
  return {
    data,
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, filter),
      prev_cursor: null,
    },
    searched: { searched: looked, complete: found.length > limit || isEnd },
  }
}

const newestOf = ({ to }: Filter): string => (to === undefined ? '+' : `(${msOf(to)}`)

const fits = ({ actor, action, kind, target }: Filter, entry: Stored): boolean =>
  (actor === undefined || actor.includes(entry.actor.id)) &&
  (action === undefined || action.includes(entry.action)) &&
  (kind === undefined || kind.includes(entry.target.kind)) &&
  (target === undefined || entry.target.id === target)

/** Whether entries may not fit that lie in the time that is asked for. */
const isNarrow = ({ actor, action, kind, target }: Filter): boolean =>
  [actor, action, kind, target].some((one) => one !== undefined)

/** False where the text of an entry does not have the words that are asked for: it need not be parsed then. Entries are the
 *  JSON of JavaScript, which writes a word in one way only. */
const couldFit = ({ actor, action, kind, target }: Filter, text: string): boolean =>
  [actor, action, kind, target === undefined ? undefined : [target]].every(
    (words) => words === undefined || words.some((word) => text.includes(JSON.stringify(word))),
  )

/** Nothing was written before 1970, and Redis knows no such place in a stream. */
const msOf = (time: string): number => Math.max(0, Date.parse(time))
