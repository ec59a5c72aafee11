// Ids: time-ordered random ids, hashed ids, and the one address every job has.
import { hash, randomUUID } from 'node:crypto'

/** A UUID version 7 (RFC 9562): sorts by creation time, 74 random bits. */
export const uuidv7 = (now: number): string => {
  const time = hexTime(now)
  // A version 4 UUID's random digits, which Node keeps a store of: drawing bytes for each id costs ten times as much.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** A random id with a prefix, e.g. `req_0191…`: a UUID version 7 without its dashes. */
export const makeId = (prefix: string, now: number): string => {
  const random = randomUUID()
  return `${prefix}_${hexTime(now)}7${random.slice(15, 18)}${random.slice(19, 23)}${random.slice(24)}`
}

let newest = { at: 0, text: '000000000000' }

/** The 48 bits of a time. Ids are made many a millisecond, so the newest text is kept. */
const hexTime = (now: number): string => {
  if (newest.at !== now) newest = { at: now, text: now.toString(16).padStart(12, '0') }
  return newest.text
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The first `length` base-32 characters, at most 32, of the SHA-256 over the parts; parts cannot run into one another. */
export const hashId = (length: number, ...parts: string[]): string => {
  // As a string with a character for each byte: a buffer costs as much as the hash.
  const digest = hash('sha256', JSON.stringify(parts), 'binary').slice(0, length)
  let text = ''
  for (let at = 0; at < digest.length; at++) text += base32.charAt(digest.charCodeAt(at) & 31)
  return text
}

export const sha256 = (text: string | Buffer): string => hash('sha256', text)

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
