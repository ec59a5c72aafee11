// One request and its answer over a socket that is already open.
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

/** Sends and reads at most `bytesMax` of the body; the socket is gone afterwards, whatever happened. The only limit of
 *  time is `signal`: a time-out for each part is what a receiver that drips can play with. */
export async function exchange(
  socket: Socket,
  url: URL,
  request: Pick<OutboundRequest, 'method' | 'body'> & { headers: Record<string, string> },
  bytesMax: number,
  signal: AbortSignal,
): Promise<Answer> {
  const client = clientOf(socket, url)
  try {
    const { method, headers, body = null } = request
    const path = url.pathname + url.search
    // undici hears the signal only once it has begun to send; `within` hears it always.
    const reply = await within(signal, client.request({ path, method, headers, body, signal }))
    const { body: bytes, truncated } = await within(signal, read(reply.body, bytesMax))
    return { status: reply.statusCode, headers: reply.headers, body: bytes, truncated }
  } finally {
    client.destroy().catch(() => undefined)
    socket.destroy()
  }
}

// A client of its own for each attempt: nothing is reused, so no answer can come from a connection somebody else left
// behind, and the peer is known. When undici wants to connect again, it finds its one socket ended.
function clientOf(socket: Socket, url: URL): Client {
  return new Client(url.origin, {
    // Not at once: undici loses its request when it gets a socket before it has returned from asking for one.
    connect: (_options, callback) =>
      queueMicrotask(() => (socket.destroyed ? callback(ended(), null) : callback(null, socket))),
    pipelining: 0,
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
