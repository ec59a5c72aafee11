// The places that belong to this installation and must never be called by its own jobs: its API and its Redis.
import { isIP } from 'node:net'
import type { Settings } from '../kernel/config.ts'
import { sameHost } from './address.ts'
import type { Resolve } from './types.ts'

export interface OwnHost {
  hostname: string
  port: number
  /** Web hosts share addresses with strangers behind one proxy, so only a literal address of theirs is compared. */
  web: boolean
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'redis:': 6379, 'rediss:': 6379 }

/** Reads URLs such as `https://k1n.example.com` and `redis://:secret@redis:6379`; throws without repeating the text. */
export function parseOwnHosts(urls: readonly string[]): OwnHost[] {
  return urls.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const port = url === undefined ? undefined : Number(url.port) || PORTS[url.protocol]
    if (url === undefined || port === undefined) throw new TypeError('an own host must be an http or redis URL')
    return { hostname: plainName(url.hostname), port, web: url.protocol.startsWith('http') }
  })
}

/** Our own doors, which nobody else's URL may lead to, whatever range the operator opened. */
export const ownHostsOf = ({ HOST, PORT, REDIS_URL, K1N_PUBLIC_URL }: Settings): string[] => [
  REDIS_URL,
  `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`,
  ...(K1N_PUBLIC_URL === undefined ? [] : [K1N_PUBLIC_URL]),
]

/** Lower case, without brackets and the dot of the root. */
export const plainName = (hostname: string): string => hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '')

/** A named own host is refused on every port: that is how loops through another door are kept out. */
export const isOwnName = (own: readonly OwnHost[], hostname: string): boolean =>
  own.some((host) => host.hostname === plainName(hostname) && !isLiteral(host))

/** Does one of `addresses` at `port` lead to a host of ours, whatever it was called? */
export async function isOwnAddress(
  own: readonly OwnHost[],
  addresses: readonly string[],
  port: number,
  resolve: Resolve,
): Promise<boolean> {
  const candidates = own.filter((host) => host.port === port && (isLiteral(host) || !host.web))
  const known = await Promise.all(candidates.map((host) => addressesOf(host, resolve)))
  return known.flat().some((mine) => addresses.some((address) => sameHost(mine, address)))
}

const isLiteral = (host: OwnHost): boolean => host.hostname === 'localhost' || isIP(host.hostname) !== 0

async function addressesOf(host: OwnHost, resolve: Resolve): Promise<string[]> {
  if (host.hostname === 'localhost') return ['127.0.0.1']
  if (isIP(host.hostname) !== 0) return [host.hostname]
  // A name of ours that does not resolve leads nowhere, so it cannot be what is being called.
  return resolve(host.hostname).then(
    (answers) => answers.map((answer) => answer.address),
    () => [],
  )
}
