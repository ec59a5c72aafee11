// Which headers may be sent, and the form in which received ones are handed on.
import type { IncomingHttpHeaders } from 'node:http'
import { OutboundError } from './error.ts'

// Hop-by-hop ones (RFC 9110 §7.6.1) and those that follow from URL, body and our reading without decompression.
const REFUSED: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'host', 'content-length', 'expect', 'accept-encoding'],
])
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const COUNT_MAX = 100
const CHARACTERS_MAX = 16 * 1024
const NAMES_MAX = 1_000

/** Is this a header a caller may not set? */
export const refusedHeader = (name: string): boolean => REFUSED.has(name.toLowerCase())

/** The headers to send. Throws `invalid_request` naming the header (never its value, which may be a secret). */
export function requestHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const names = new Set<string>()
  let [count, characters] = [0, 0]
  for (const [name, value] of Object.entries(given)) {
    const lower = checkedName(name)
    if (typeof value !== 'string' || !VALUE.test(value)) throw refuse(`the value of the header ${name} cannot be sent`)
    names.add(lower)
    count++
    characters += name.length + value.length
  }
  if (count > COUNT_MAX) throw refuse('there are too many headers')
  if (characters > CHARACTERS_MAX) throw refuse('the headers are too long')
  if (names.size !== count) throw refuse('a header is given twice')
  const agent = names.has('user-agent') ? {} : { 'user-agent': 'k1n' }
  return { ...agent, ...given, 'accept-encoding': 'identity' }
}

/** Names that may be sent, in lower case: the same ones come with every call. */
const good = new Map<string, string>()

function checkedName(name: string): string {
  const known = good.get(name)
  if (known !== undefined) return known
  if (!NAME.test(name)) throw refuse('a header has a name that cannot be sent')
  if (refusedHeader(name)) throw refuse(`the header ${name} cannot be set`)
  if (good.size >= NAMES_MAX) good.clear()
  good.set(name, name.toLowerCase())
  return name.toLowerCase()
}

const refuse = (message: string): OutboundError => new OutboundError('invalid_request', message)

/** Received headers as one string each. */
export function responseHeaders(received: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(received))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}
