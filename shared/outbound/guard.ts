// Decides whether a URL, and then every address behind its name, may be called at all.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { standing, type Cidr } from './address.ts'
import { failure } from './error.ts'
import type { Resolve } from './types.ts'
import { isOwnAddress, isOwnName, plainName, type OwnHost } from './own-hosts.ts'

export interface Rules {
  opened: readonly Cidr[]
  own: readonly OwnHost[]
  resolve: Resolve
  /** Ports that may be called on public addresses. */
  ports: ReadonlySet<number>
  /** What else is refused outside opened ranges: plain http, and addresses in place of names. */
  strict: boolean
  /** With `strict`, lets plain http be. */
  plainHttp: boolean
}

export type UrlVerdict =
  | { ok: true; url: URL }
  | {
      ok: false
      reason: 'unparsable' | 'too_long' | 'scheme' | 'credentials' | 'port' | 'address' | 'literal' | 'own_host'
      detail: string
    }

export const USUAL_PORTS = [80, 443, 8080, 8443] as const
const URL_CHARACTERS_MAX = 2048
// More addresses than this are judged, but not tried.
const ADDRESSES_TRIED_MAX = 4

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true, order: 'verbatim' })

/** What can be said without asking a resolver. A good verdict is advice: `allowedAddresses` is the guard. */
export function checkUrl(text: unknown, rules: Rules): UrlVerdict {
  if (typeof text !== 'string' || !URL.canParse(text)) return no('unparsable', 'this is not an absolute URL')
  if (text.length > URL_CHARACTERS_MAX) return no('too_long', `a URL has at most ${URL_CHARACTERS_MAX} characters`)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return no('scheme', 'only http and https can be called')
  if (url.username !== '' || url.password !== '') return no('credentials', 'a URL must not carry user name or password')
  if (isOwnName(rules.own, url.hostname)) return no('own_host', 'this installation must not be called')
  return checkPlace(url, rules)
}

function checkPlace(url: URL, rules: Rules): UrlVerdict {
  const host = plainName(url.hostname)
  const literal = isIP(host) === 0 ? undefined : standing(host, rules.opened)
  if (literal === 'blocked' || isLocalName(host, rules)) return no('address', 'this address must not be called')
  if (literal === 'public' && rules.strict) return no('literal', 'give a name in place of an address')
  // Behind a name may be an opened address, where anything goes; that is seen only when it is resolved.
  const anyhow = literal === 'opened' || (literal === undefined && rules.opened.length > 0)
  return anyhow ? { ok: true, url } : checkPublic(url, rules)
}

/** What must hold of a URL outside the opened ranges. */
function checkPublic(url: URL, { ports, strict, plainHttp }: Rules): UrlVerdict {
  if (!ports.has(portOf(url))) return no('port', `only the ports ${listed([...ports])} can be called`)
  if (strict && !plainHttp && url.protocol === 'http:') return no('scheme', 'only https can be called')
  return { ok: true, url }
}

const listed = (items: readonly number[]): string =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} and ${String(items.at(-1))}`

// Reserved for the own machine by RFC 6761, whatever a resolver says.
const isLocalName = (host: string, rules: Rules): boolean =>
  (host === 'localhost' || host.endsWith('.localhost')) && standing('127.0.0.1', rules.opened) === 'blocked'

const no = (reason: Extract<UrlVerdict, { ok: false }>['reason'], detail: string): UrlVerdict => ({
  ok: false,
  reason,
  detail,
})

export const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

/** The addresses to connect to, best first. Rejects with `dns`, or with `ssrf_blocked` when **any** answer is not
 *  allowed: a name that points to a public and a private address is somebody's trick. */
export async function allowedAddresses(url: URL, rules: Rules): Promise<string[]> {
  const addresses = await addressesOf(url, rules.resolve)
  const standings = addresses.map((address) => standing(address, rules.opened))
  const fits = standings.every((it) => it === 'opened') || checkPublic(url, rules).ok
  if (standings.includes('blocked') || !fits) throw failure('ssrf_blocked', url.hostname)
  if (await isOwnAddress(rules.own, addresses, portOf(url), rules.resolve)) throw failure('ssrf_blocked', url.hostname)
  return addresses.slice(0, ADDRESSES_TRIED_MAX)
}

async function addressesOf(url: URL, resolve: Resolve): Promise<string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return [host]
  const answers = await resolve(host).catch((cause: unknown) => Promise.reject(failure('dns', url.hostname, cause)))
  if (answers.length === 0) throw failure('dns', url.hostname)
  return answers.map((answer) => answer.address)
}
