// Listening over a WebSocket, opened with a ticket of its own because a cookie alone never opens one.
import { parseFrame } from './frames.ts'
import type { OpenWire } from './wire.ts'

type GetTicket = (signal: AbortSignal) => Promise<{ url: string }>

/** The server hears this often, at the most, how far this page has come: it sends no more than can be dealt with. */
const ACK_MS = 50

/** Answers how to open a socket. `getTicket` asks the API for a single-use address. */
export const openSocket =
  (getTicket: GetTicket, Socket: typeof WebSocket = WebSocket): OpenWire =>
  (hears) => {
    const over = new AbortController()
    let socket: WebSocket | undefined
    let frames = 0
    let isDue = false
    const send = (frame: unknown): void => {
      if (socket?.readyState === 1) socket.send(JSON.stringify(frame))
    }
    const acknowledge = (): void => {
      isDue = false
      send({ type: 'ack', frames })
    }
    const end = (): void => {
      if (over.signal.aborted) return
      over.abort()
      socket?.close()
      hears.closed()
    }
    const attach = ({ url }: { url: string }): void => {
      if (over.signal.aborted) return
      socket = new Socket(url, 'k1n.v2')
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        frames += 1
        if (!isDue) setTimeout(acknowledge, ACK_MS)
        isDue = true
        const frame = typeof data === 'string' ? parseFrame(data) : undefined
        if (!frame || over.signal.aborted) return
        if (frame.type === 'hello') {
          // From the first word on the server counts what is on its way.
          send({ type: 'ack', frames })
          hears.open()
        }
        hears.frame(frame)
      }
      socket.onclose = end
      socket.onerror = end
    }
    getTicket(over.signal).then(attach).catch(end)
    return {
      listen: ({ id, topic, filter, after }) =>
        send({
          type: 'subscribe',
          id,
          topics: [topic],
          batch: true,
          patch: true,
          ...(filter && { filter }),
          ...(after && { after }),
        }),
      forget: (id) => send({ type: 'unsubscribe', id }),
      ping: () => send({ type: 'ping' }),
      close: () => {
        over.abort()
        socket?.close()
      },
    }
  }
