// A listener at a socket of the stream: sends frames, gathers what it hears, waits for what it expects.
import { WebSocket } from 'ws'

export type Frame = Record<string, unknown>

export interface Listener {
  socket: WebSocket
  frames: Frame[]
  send(frame: Frame): void
  /** Status of a socket that was refused. */
  refused: Promise<number>
  /** Code a socket was closed with. */
  closed: Promise<number>
  /** The first frame that fits: by its type, or by what is asked of it. */
  until(fits: string | ((frame: Frame) => boolean)): Promise<Frame>
}

export const open = (url: string, options: { headers?: Record<string, string> } = {}): Listener => {
  const frames: Frame[] = []
  const looks = new Set<() => void>()
  const socket = new WebSocket(url.replace('http', 'ws'), 'k1n.v2', options)
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame)
    for (const look of looks) look()
  })
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_req, res) => {
      resolve(res.statusCode ?? 0)
      res.resume()
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  const until: Listener['until'] = (wanted) =>
    new Promise((resolve) => {
      const fits = typeof wanted === 'string' ? (frame: Frame) => frame['type'] === wanted : wanted
      const look = (): void => {
        const found = frames.find(fits)
        if (!found) return
        looks.delete(look)
        resolve(found)
      }
      looks.add(look)
      look()
    })
  return { socket, frames, send: (frame) => socket.send(JSON.stringify(frame)), refused, closed, until }
}
