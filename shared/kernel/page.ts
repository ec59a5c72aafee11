// Lists and their cursors: sealed, and bound to the filters they were made for.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { InvalidCursor } from './problems.ts'

/** Query members every list shares. */
export const pageQuery = {
  limit: z.coerce.number<number>().int().min(1).max(200).default(50).describe('Rows per page.'),
  cursor: z.string().max(4_096).optional().describe('`page.next_cursor` of the page before.'),
}

/** A query member that may be repeated, at most 20 times: any of the values fits. */
export const many = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(20).optional(),
  )

export const PageInfo = z
  .object({
    limit: z.int(),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    prev_cursor: z.string().nullable(),
  })
  .meta({ id: 'PageInfo' })

/** What a list searched, so that an answer never looks emptier than it is. */
export const Searched = z
  .object({
    searched: z.int().describe('How many entries were looked at for this page.'),
    complete: z
      .boolean()
      .describe('False when the look stopped at a limit before the end; follow the cursor for the rest.'),
  })
  .meta({ id: 'Searched' })

/** The reply of a list of `item`. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), page: PageInfo, searched: Searched.optional() })

export interface Page<Item> {
  data: Item[]
  page: z.output<typeof PageInfo>
  searched?: z.output<typeof Searched> | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What cursors are signed and sealed with. Made once: making keys takes longer than using them. */
interface Keys {
  readonly signing: KeyObject
  readonly sealing: KeyObject
}

const kept = new Map<string, Keys>()
/** A process has one secret; tests have many. */
const KEPT_MAX = 100
const keysOf = (secret: string): Keys => {
  const known = kept.get(secret)
  if (known) return known
  const signing = createSecretKey(Buffer.from(secret))
  const keys = { signing, sealing: createSecretKey(createHmac('sha256', signing).update('cursor').digest()) }
  if (kept.size >= KEPT_MAX) kept.clear()
  kept.set(secret, keys)
  return keys
}

const sign = ({ signing }: Keys, body: string): string =>
  createHmac('sha256', signing).update(body).digest('hex').slice(0, 16)

/** Encodes where a walk stands, the same each time. `filter` is whatever must be the same on the next call. It is sealed, as
 *  the walk may stand at something that the caller may not know of. */
export const encodeCursor = (secret: string, position: unknown, filter: unknown): string => {
  const keys = keysOf(secret)
  const text = JSON.stringify({ position, filter: sign(keys, JSON.stringify(filter)) })
  const nonce = createHmac('sha256', keys.signing).update(text).digest().subarray(0, NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keys.sealing, nonce)
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** Decodes a cursor; a changed one, or one of other filters, is refused as `invalid-cursor`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it encoded.
export const decodeCursor = <Position>(secret: string, cursor: string, filter: unknown): Position => {
  const keys = keysOf(secret)
  const text = opened(keys, cursor)
  if (text === undefined)
    throw InvalidCursor('The cursor was changed or belongs to another server; start again without it.')
  const parsed = JSON.parse(text) as { position: Position; filter: string }
  if (parsed.filter !== sign(keys, JSON.stringify(filter)))
    throw InvalidCursor('The cursor was made for other filters; start again without it.')
  return parsed.position
}

const opened = ({ sealing }: Keys, cursor: string): string | undefined => {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.toString('base64url') !== cursor || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, NONCE_BYTES))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
  } catch {
    return undefined
  }
}
