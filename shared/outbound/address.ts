// Which addresses may be called: public unicast ones, and those an operator opened.
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Cidr = readonly [Address, number]

// Unicast by the registries and yet never a stranger's server: Azure's host, and IPv4 in its oldest IPv6 disguise.
const NEVER = ['168.63.129.16/32', '::/96'].map((cidr) => ipaddr.parseCIDR(cidr))

/** Reads `10.0.0.0/8`, `fd00::/8` or a bare address. Throws with the offending text when it is none. */
export function parseCidrs(list: readonly string[]): Cidr[] {
  return list.map((text) => {
    const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? '128' : '32'}`
    if (!ipaddr.isValidCIDR(cidr)) throw new TypeError(`"${text}" is not an address range such as 10.0.0.0/8`)
    const [address, bits] = ipaddr.parseCIDR(cidr)
    return unmapped(address, bits)
  })
}

// ::ffff:10.0.0.0/104 is 10.0.0.0/8: addresses are compared unmapped, so ranges must be too.
function unmapped(address: Address, bits: number): Cidr {
  const mapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96
  return mapped ? [address.toIPv4Address(), bits - 96] : [address, bits]
}

/** `opened`: in a range the operator allowed (any port) · `public`: unicast on the internet · `blocked`: all else. */
export type Standing = 'opened' | 'public' | 'blocked'

/** Judges one address as a resolver or a socket gives it (zone ids are ignored); what is no address is blocked. */
export function standing(text: string, opened: readonly Cidr[]): Standing {
  const address = parseAddress(text)
  if (address === undefined) return 'blocked'
  if (inside(address, opened)) return 'opened'
  return address.range() === 'unicast' && !inside(address, NEVER) ? 'public' : 'blocked'
}

/** The same machine for our purposes: equal addresses, or both on loopback (any of 127/8, ::1, or unspecified). */
export function sameHost(one: string, other: string): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)]
  if (a === undefined || b === undefined) return false
  return (isLocal(a) && isLocal(b)) || a.toNormalizedString() === b.toNormalizedString()
}

const isLocal = (address: Address): boolean => ['loopback', 'unspecified'].includes(address.range())

function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%.*$/s, '')
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined
}

const inside = (address: Address, ranges: readonly Cidr[]): boolean =>
  ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
