// Requests and their answers over a socket that is already open.
import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type { Deadline } from './deadline.ts'
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
  /** Sends and reads at most `bytesMax` of the body. The only limit of time is `deadline`: a time-out for each part is what a
   *  receiver that drips can play with. */
  exchange(request: Sending, bytesMax: number, deadline: Deadline): Promise<Answer>
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
    async exchange({ path, method, headers, body = null }, bytesMax, deadline) {
      isSound = false
      const answer = await new Promise<Answer>((resolve, reject) => {
        if (deadline.reason !== undefined) return reject(deadline.reason)
        // Heard always: undici would hear of it only once it has begun to send.
        deadline.onPass = reject
        client.dispatch({ path, method, headers, body }, reader(bytesMax, resolve, reject))
      })
      deadline.onPass = undefined
      isSound = kept && !answer.truncated && deadline.reason === undefined
      return answer
    },
    isSound: () => isSound && !socket.destroyed && socket.readable && socket.writable,
    close() {
      client.destroy().catch(() => undefined)
      socket.destroy()
    },
  }
}

/** Gathers an answer as undici reads it, without the stream that `request` makes of each body: that costs as much as the rest of a
 *  call. A body that goes on after `bytesMax` is cut there; whoever closes the wire ends the rest. */
const reader = (
  bytesMax: number,
  resolve: (answer: Answer) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler => {
  const chunks: Buffer[] = []
  let [status, bytes] = [0, 0]
  let headers: Answer['headers'] = {}
  const finish = (): void => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    resolve({ status, headers, body: body.subarray(0, bytesMax), truncated: bytes > bytesMax })
  }
  return {
    // undici asks for it.
    onRequestStart: () => undefined,
    onResponseStart(_controller, code, received) {
      // What comes before the answer itself says nothing.
      if (code >= 200) [status, headers] = [code, received]
    },
    onResponseData(_controller, chunk) {
      if (bytes > bytesMax) return
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > bytesMax) finish()
    },
    onResponseEnd: finish,
    onResponseError: (_controller, error) => reject(error),
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
