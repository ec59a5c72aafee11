// One WebSocket: its frames in, its batches out, and the limits that keep one listener from hurting the others.
import type { Writable } from 'node:stream'
import { z } from 'zod'
import type { WebSocket } from 'ws'
import type { Principal } from '../../shared/auth/contract.ts'
import { makeId } from '../../shared/kernel/ids.ts'
import { Cursor, Topic } from '../../shared/stream/contract.ts'
import { QueueName } from '../../shared/jobs/words.ts'
import type { Batches } from './batches.ts'
import { createOutlet } from './outlet.ts'
import { epoch } from './state.ts'
import { subscribe } from './subscription.ts'
import type { Live } from './subscription.ts'

export const HEARTBEAT_S = 20
/** Sockets of this process from which on facts gather longer: each frame to each of them is a call of the system. */
const CROWD = 50
/** How long facts gather before they leave together, in ms; the first after a quiet while leaves at once. */
export const gatherMs = (sockets: number): number => (sockets > CROWD ? 20 : 10)
const SUBSCRIPTIONS_MAX = 64
const FRAMES_PER_S = 50

/** Why a connection was closed, as close codes. */
export const CLOSE = { shutdown: 1001, slow: 4008, badFrame: 4400, auth: 4401, idle: 4408, flood: 4429 } as const

const ClientFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribe'),
    id: z.int().min(0),
    topics: z.array(Topic).min(1).max(50),
    filter: z
      .object({
        queue: z.array(QueueName).max(100).optional(),
        task_id: z.array(z.string().max(770)).max(500).optional(),
      })
      .optional(),
    after: Cursor.optional(),
    batch: z.boolean().default(false),
    patch: z.boolean().default(false),
  }),
  z.object({ type: z.literal('unsubscribe'), id: z.int().min(0) }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pace'), ms: z.int().min(10).max(5_000) }),
  z.object({ type: z.literal('ack'), frames: z.int().min(0) }),
])
type ClientFrame = z.output<typeof ClientFrame>

export interface ConnectionParts {
  live: Live
  /** What the socket writes to: frames that many share are made once and go there as they are. */
  wire: Writable
  /** Shared by all connections, so that those who hear the same do so at the same moments and in the same bytes. */
  batches: Batches
  /** Sockets that are open. */
  sockets: ReadonlySet<unknown>
  principal: Principal
  /** Whether the credential still holds; asked once a minute. */
  stillValid: () => Promise<boolean>
}

/** Serves an accepted socket until it closes. */
export const serveConnection = (socket: WebSocket, parts: ConnectionParts): void => {
  const { live, sockets, principal, stillValid } = parts
  let pace = 0
  const outlet = createOutlet({
    ...{ socket, wire: parts.wire, batches: parts.batches },
    pace: () => Math.max(pace, gatherMs(sockets.size)),
    cursor: () => live.tail.last ?? '0-0',
    lost: () => socket.close(CLOSE.slow, 'reads too slowly'),
  })
  const subscriptions = new Map<number, () => void>()
  const say = (frame: Record<string, unknown>): void => outlet.send(JSON.stringify(frame))
  const end = (id: number): void => {
    subscriptions.get(id)?.()
    subscriptions.delete(id)
    outlet.forget(id)
  }
  const answer: { [Type in ClientFrame['type']]: (frame: Extract<ClientFrame, { type: Type }>) => void } = {
    subscribe({ id, topics, filter, after, batch, patch }) {
      end(id)
      if (subscriptions.size >= SUBSCRIPTIONS_MAX) {
        say({ type: 'error', id, code: 'too-many-subscriptions' })
        return
      }
      say({ type: 'subscribed', id })
      try {
        subscriptions.set(
          id,
          subscribe(
            live,
            principal,
            { id, topics, queues: filter?.queue, tasks: filter?.task_id, after, batch, patch },
            outlet,
          ),
        )
      } catch (error) {
        say({ type: 'error', id, code: 'unknown-topic', detail: `there is no topic ${(error as Error).message}` })
      }
    },
    unsubscribe: ({ id }) => end(id),
    // Whoever comes back is told what comes after the cursor it was told last: facts that wait must not be passed over.
    ping: () => say({ type: 'pong', ts: Date.now(), ...(!outlet.isWaiting && { cursor: live.tail.last }) }),
    pace: ({ ms }) => void (pace = ms),
    ack: ({ frames }) => outlet.acknowledged(frames),
  }
  const take = (text: string): void => {
    const parsed = ClientFrame.safeParse(parse(text))
    if (!parsed.success) return say({ type: 'error', code: 'bad-frame', detail: z.prettifyError(parsed.error) })
    const respond = answer[parsed.data.type] as (frame: ClientFrame) => void
    respond(parsed.data)
  }
  const stopWatching = watch(socket, stillValid)
  const floods = createFloodGuard()
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.close(CLOSE.badFrame, 'frames are text')
    if (floods()) return socket.close(CLOSE.flood, 'too many frames')
    take((data as Buffer).toString('utf8'))
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    for (const id of [...subscriptions.keys()]) end(id)
    stopWatching()
    outlet.stop()
  })
  say({
    type: 'hello',
    session: makeId('ses', Date.now()),
    cursor: live.tail.last ?? '0-0',
    epoch,
    now: Date.now(),
    heartbeat_s: HEARTBEAT_S,
    limits: { frames_per_s: FRAMES_PER_S, subscriptions: SUBSCRIPTIONS_MAX, frame_bytes: 16_384 },
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Answers true once more frames came within a second than are allowed. */
const createFloodGuard = (): (() => boolean) => {
  let second = 0
  let frames = 0
  return () => {
    const now = Math.floor(Date.now() / 1_000)
    frames = now === second ? frames + 1 : 1
    second = now
    return frames > FRAMES_PER_S
  }
}

/** Pings, closes what no longer answers, and asks once a minute whether the credential still holds. */
const watch = (socket: WebSocket, stillValid: () => Promise<boolean>): (() => void) => {
  let answered = true
  socket.on('pong', () => (answered = true))
  const beat = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, HEARTBEAT_S * 1_000)
  const check = setInterval(() => {
    // Redis being away is no reason to close: the question is asked again a minute later.
    stillValid().then(
      (valid) => valid || socket.close(CLOSE.auth, 'the credential no longer holds'),
      () => undefined,
    )
  }, 60_000)
  return () => {
    clearInterval(beat)
    clearInterval(check)
  }
}
