// Makes the connection of one attempt: to an address that was judged, with the peer judged again before a byte is sent.
import { once } from 'node:events'
import { connect as tcpConnect, isIP, type Socket } from 'node:net'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import { standing } from './address.ts'
import { within } from './deadline.ts'
import { codeOf, failure } from './error.ts'
import { allowedAddresses, portOf, type Rules } from './guard.ts'

/** Starts a TCP connection to a literal address. Tests put a recorder here. */
export type Dial = (target: { address: string; port: number }) => Socket

export const tcpDial: Dial = ({ address, port }) => tcpConnect({ host: address, port, noDelay: true })

export interface ConnectOptions {
  rules: Rules
  dial: Dial
  /** For name, TCP and TLS together. */
  timeoutMs: number
  /** Trusted certificate authorities in PEM; Node's own when absent. */
  ca: readonly string[] | undefined
}

// One of several addresses gets this share of the time, so that a dead first one leaves some for the others.
const SHARE = 3

/** An open socket to `url`'s host, TLS included. Rejects with an error of Node or an OutboundError; leaves nothing open. */
export async function connect(url: URL, options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(failure('timeout_connect', url.hostname)), options.timeoutMs)
  const either = AbortSignal.any([signal, limit.signal])
  try {
    const addresses = await resolveInTime(url, options.rules, either, limit.signal)
    const socket = await reach(url, addresses, options, either)
    return url.protocol === 'https:' ? await secure(url, socket, options.ca, either) : socket
  } finally {
    clearTimeout(timer)
  }
}

async function resolveInTime(url: URL, rules: Rules, either: AbortSignal, limit: AbortSignal): Promise<string[]> {
  try {
    return await within(either, allowedAddresses(url, rules))
  } catch (error) {
    // A resolver that does not answer is a fault of the name, not of the host behind it.
    throw error === limit.reason && limit.aborted ? failure('dns', url.hostname, error) : error
  }
}

async function reach(url: URL, addresses: string[], options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
  for (const [index, address] of addresses.entries()) {
    const last = index === addresses.length - 1
    try {
      return await open(url, address, options, last ? signal : shareOf(signal, url, options.timeoutMs))
    } catch (error) {
      const elsewhere = ['refused', 'timeout_connect'].includes(codeOf(error))
      if (last || signal.aborted || !elsewhere) throw error
    }
  }
  throw failure('dns', url.hostname)
}

function shareOf(signal: AbortSignal, url: URL, timeoutMs: number): AbortSignal {
  const share = new AbortController()
  setTimeout(() => share.abort(failure('timeout_connect', url.hostname)), timeoutMs / SHARE).unref()
  return AbortSignal.any([signal, share.signal])
}

async function open(url: URL, address: string, options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = options.dial({ address, port: portOf(url) })
  await opened(socket, 'connect', signal)
  const peer = socket.remoteAddress
  if (peer !== undefined && standing(peer, options.rules.opened) !== 'blocked') return socket
  socket.destroy()
  // Without a peer the other side has hung up between its greeting and this line.
  throw failure(peer === undefined ? 'reset' : 'ssrf_blocked', url.hostname)
}

async function secure(
  url: URL,
  socket: Socket,
  ca: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const name = url.hostname.replace(/^\[|\]$|\.$/g, '')
  const tls = tlsConnect({
    socket,
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  })
  await opened(tls, 'secureConnect', signal).catch((error: unknown) => {
    socket.destroy()
    throw error
  })
  return tls
}

async function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  // Errors after this one are told to whoever uses the socket by its `close`; none may end the process.
  socket.on('error', () => undefined)
  try {
    await within(signal, once(socket, event))
  } catch (error) {
    socket.destroy()
    throw error
  }
}
