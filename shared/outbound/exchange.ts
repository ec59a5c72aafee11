// Requests and their answers over a socket that is already open.
import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import { within } from './deadline.ts'
import type { OutboundRequest } from './types.ts'

export interface Answer {
  status: number
  headers: Dispatcher.ResponseData['headers']
  body: Buffer
  truncated: boolean
}

/** Bytes of header and trailer an answer may have. */
const HEADER_BYTES_MAX = 16 * 1024

/** A connection that requests go over, one at a time. */
export interface Wire {
  /** Sends and reads at most `bytesMax` of the body. The only limit of time is `signal`: a time-out for each part is what a
   *  receiver that drips can play with. */
  exchange(request: Sending, bytesMax: number, signal: AbortSignal): Promise<Answer>
  /** Whether another request may go over it: the last answer came to its end, and the other side has not hung up. */
  isSound(): boolean
  close(): void
  /** The address that answers. */
  readonly peer: string
}

type Sending = Pick<OutboundRequest, 'method' | 'body'> & { path: string; headers: Record<string, string> }

/** Speaks HTTP over a socket that is already open. A wire that is not `kept` asks the other side to hang up. */
export const wireOver = (socket: Socket, origin: string, kept: boolean): Wire => {
  const client = clientOf(socket, origin, kept)
  const peer = socket.remoteAddress ?? ''
  let isSound = false
  return {
    peer,
    async exchange({ path, method, headers, body = null }, bytesMax, signal) {
      isSound = false
      // undici hears the signal only once it has begun to send; `within` hears it always.
      const reply = await within(signal, client.request({ path, method, headers, body, signal }))
      const { body: bytes, truncated } = await within(signal, read(reply.body, bytesMax))
      isSound = kept && !truncated && !signal.aborted
      return { status: reply.statusCode, headers: reply.headers, body: bytes, truncated }
    },
    isSound: () => isSound && !socket.destroyed && socket.readable && socket.writable,
    close() {
      client.destroy().catch(() => undefined)
      socket.destroy()
    },
  }
}

// A client of its own for each socket, which was judged: the peer is known. When undici wants to connect again, it finds its
// one socket ended.
function clientOf(socket: Socket, origin: string, kept: boolean): Client {
  return new Client(origin, {
    // Not at once: undici loses its request when it gets a socket before it has returned from asking for one.
    connect: (_options, callback) =>
      queueMicrotask(() => (socket.destroyed ? callback(ended(), null) : callback(null, socket))),
    pipelining: kept ? 1 : 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    maxResponseSize: -1,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

const ended = (): Error => Object.assign(new Error('the connection has ended'), { code: 'ECONNRESET' })

async function read(stream: AsyncIterable<unknown>, bytesMax: number): Promise<{ body: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > bytesMax) break
  }
  return { body: Buffer.concat(chunks).subarray(0, bytesMax), truncated: bytes > bytesMax }
}
