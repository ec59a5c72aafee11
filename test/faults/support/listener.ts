// One client of the stream: a WebSocket that goes on from its cursor whenever it was cut off.
import { WebSocket } from 'ws'
import { rest } from './until.ts'

export interface Listener {
  /** Positions in the order they came, over all connections. */
  readonly ids: readonly string[]
  /** When each of them came, in epoch ms. */
  readonly arrivals: readonly number[]
  readonly gaps: number
  /** Where it began to listen. */
  readonly from: string
  stop(): Promise<void>
}

interface Frame {
  type?: string
  id?: string
  cursor?: string
  items?: { id?: string }[]
}

/** Resolves once it listens. `url` is asked for at each connection, so the API may move. */
export const startListener = async (url: () => string, key: string, topics: readonly string[]): Promise<Listener> => {
  const ids: string[] = []
  const arrivals: number[] = []
  const state = { gaps: 0, from: undefined as string | undefined, stopped: false }
  let socket: WebSocket | undefined
  const listening = Promise.withResolvers<undefined>()

  const take = (frame: Frame, own: WebSocket): void => {
    if (frame.type === 'hello') {
      state.from ??= frame.cursor ?? '0-0'
      const after = ids.at(-1) ?? state.from
      own.send(JSON.stringify({ type: 'subscribe', id: 1, topics, after, batch: true }))
    }
    if (frame.type === 'subscribed') listening.resolve(undefined)
    if (frame.type === 'gap') state.gaps++
    // A listener that cannot be served just now comes again.
    if (frame.type === 'error') own.terminate()
    for (const { id } of frame.items ?? []) {
      if (id === undefined) continue
      ids.push(id)
      arrivals.push(Date.now())
    }
  }
  const connection = (): Promise<void> =>
    new Promise((resolve) => {
      const own = new WebSocket(`${url().replace('http', 'ws')}/api/v2/stream`, 'k1n.v2', {
        headers: { authorization: `Bearer ${key}` },
      })
      socket = own
      own.on('message', (data: Buffer) => take(JSON.parse(data.toString()) as Frame, own))
      own.on('error', () => undefined)
      own.once('close', () => resolve())
    })
  const listen = async (): Promise<void> => {
    while (!state.stopped) {
      await connection()
      if (!state.stopped) await rest(250)
    }
  }
  const done = listen()
  await listening.promise
  return {
    ids,
    arrivals,
    get gaps() {
      return state.gaps
    },
    get from() {
      return state.from ?? '0-0'
    },
    async stop() {
      state.stopped = true
      socket?.terminate()
      await done
    },
  }
}
