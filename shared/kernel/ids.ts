// Ids: time-ordered random ids, hashed ids, and the one address every job has.
import { hash, randomUUID } from 'node:crypto'

/** A UUID version 7 (RFC 9562): sorts by creation time, 74 random bits. */
export const uuidv7 = (now: number): string => {
  const time = now.toString(16).padStart(12, '0')
  // A version 4 UUID's random digits, which Node keeps a store of: drawing bytes for each id costs ten times as much.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The first `length` base-32 characters of the SHA-256 over the parts; parts cannot run into one another. */
export const hashId = (length: number, ...parts: string[]): string => {
  const digest = hash('sha256', JSON.stringify(parts), 'buffer')
  let text = ''
  for (const byte of digest) text += base32.charAt(byte & 31)
  return text.slice(0, length)
}

export const sha256 = (text: string | Buffer): string => hash('sha256', text)

/** A random id with a prefix, e.g. `req_0191…`: time-ordered, 32 hex digits without dashes. */
export const makeId = (prefix: string, now: number): string => `${prefix}_${uuidv7(now).replaceAll('-', '')}`

/** Where a job lives: BullMQ allows no `:` in queue names, so the first one splits the address. */
export interface Address {
  queue: string
  id: string
}

export const formatAddress = ({ queue, id }: Address): string => `${queue}:${id}`

/** Splits `queue:id`; a text without `:` is a bare id and answers undefined. */
export const parseAddress = (text: string): Address | undefined => {
  const colon = text.indexOf(':')
  return colon > 0 ? { queue: text.slice(0, colon), id: text.slice(colon + 1) } : undefined
}
