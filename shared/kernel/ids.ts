// Ids: time-ordered random ids, hashed ids, and the one address every job has.
import { createHash, randomBytes } from 'node:crypto'

/** A UUID version 7 (RFC 9562): sorts by creation time, 74 random bits. */
export const uuidv7 = (now: number): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The first `length` base-32 characters of the SHA-256 over the parts; parts cannot run into one another. */
export const hashId = (length: number, ...parts: string[]): string => {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest()
  let text = ''
  for (const byte of digest) text += base32.charAt(byte & 31)
  return text.slice(0, length)
}

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

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
