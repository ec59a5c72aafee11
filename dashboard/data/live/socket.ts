// Listening over a WebSocket, opened with a ticket of its own because a cookie alone never opens one.
import { parseFrame } from './frames.ts'
import type { OpenWire, Wire } from './wire.ts'

type GetTicket = (signal: AbortSignal) => Promise<{ url: string }>

/** Answers how to open a socket. `getTicket` asks the API for a single-use address. */
export const openSocket =
  (getTicket: GetTicket, Socket: typeof WebSocket = WebSocket): OpenWire =>
  (hears) => {
    const over = new AbortController()
    let socket: WebSocket | undefined
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
        const frame = typeof data === 'string' ? parseFrame(data) : undefined
        if (!frame || over.signal.aborted) return
        if (frame.type === 'hello') hears.open()
        hears.frame(frame)
      }
      socket.onclose = end
      socket.onerror = end
    }
    getTicket(over.signal).then(attach).catch(end)
    return socketWire(
      () => socket,
      over,
      () => socket?.close(),
    )
  }

const socketWire = (socket: () => WebSocket | undefined, over: AbortController, close: () => void): Wire => {
  const send = (frame: unknown): void => {
    if (socket()?.readyState === 1) socket()?.send(JSON.stringify(frame))
  }
  return {
    listen: ({ id, topic, after }) =>
      send({ type: 'subscribe', id, topics: [topic], batch: true, ...(after && { after }) }),
    forget: (id) => send({ type: 'unsubscribe', id }),
    ping: () => send({ type: 'ping' }),
    close: () => {
      over.abort()
      close()
    },
  }
}
