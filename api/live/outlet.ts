// What a connection's subscriptions write to: frames that leave at once, batches that leave together, and what waits for a slow reader.
import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { createBacklog } from './backlog.ts'
import { createFrames } from './batches.ts'
import type { Batches, MakeFrame } from './batches.ts'
import type { Outlet } from './feeds.ts'
import { createFlow } from './flow.ts'

const SLOW_BYTES = 65_536
const LOST_BYTES = 1_048_576

export interface OutletParts {
  socket: Pick<WebSocket, 'readyState' | 'OPEN' | 'bufferedAmount' | 'send' | 'close'>
  /** What the socket writes to: frames that many share are made once and go there as they are. */
  wire: Pick<Writable, 'write' | 'on' | 'off'>
  /** Shared by all connections, so that those who hear the same do so at the same moments and in the same bytes. */
  batches: Batches
  /** The least time between two batches, ms. */
  pace: () => number
  /** The position of the newest fact. */
  cursor: () => string
  /** Called when the other side fell too far behind. */
  lost: () => void
}

export interface SocketOutlet extends Outlet {
  /** The other side has dealt with so many frames of all it was sent. */
  acknowledged(frames: number): void
  /** Facts wait, or a past was not told to its end: what was told does not reach to the end of the log. */
  readonly isWaiting: boolean
  /** A subscription ended: nothing of it waits any more. */
  forget(sub: number): void
  stop(): void
}

/** Batches leave on the leading edge and then at the pace. Who says what it has dealt with is sent no more than it can take:
 *  states are merged meanwhile, and of facts it is told that some were left out. */
export const createOutlet = ({ socket, wire, batches, pace, cursor, lost }: OutletParts): SocketOutlet => {
  const flow = createFlow()
  const backlog = createBacklog()
  const waiters = new Set<() => void>()
  const catchingUp = new Set<number>()
  let items: string[] = []
  let sentAt = 0
  let callOff: (() => void) | undefined
  /** Whether the socket takes more; one that fell too far behind is closed. */
  const takes = (): boolean => {
    if (socket.readyState !== socket.OPEN) return false
    if (socket.bufferedAmount <= LOST_BYTES && !flow.isLost(Date.now())) return true
    lost()
    return false
  }
  const isSlow = (): boolean => socket.bufferedAmount > SLOW_BYTES || flow.isBehind(Date.now())
  const stop = (): void => {
    callOff?.()
    callOff = undefined
  }
  const flush = (makeFrame: MakeFrame, now: number): void => {
    stop()
    sentAt = now
    const gathered = items
    items = []
    if (!takes()) return
    const frame = makeFrame(gathered)
    flow.sent(frame.length, now)
    wire.write(frame)
  }
  const send = (text: string): void => {
    const now = Date.now()
    // Order holds between single frames and what is gathered.
    if (items.length > 0) flush(createFrames(now), now)
    if (!takes()) return
    flow.sent(text.length, now)
    socket.send(text)
  }
  const batch = (more: string): void => {
    items.push(more)
    callOff ??= batches.meet(Math.max(Date.now(), sentAt + Math.max(pace(), Math.round(flow.gatherMs))), flush)
  }
  /** Tells what waited, once the other side has caught up. */
  const goOn = (): void => {
    if (isSlow()) return
    const { items: kept, leftOut } = backlog.release(Date.now())
    for (const id of leftOut) send(JSON.stringify({ type: 'gap', sub: id, id, oldest: cursor(), reason: 'behind' }))
    for (const facts of kept) batch(facts)
    const waited = [...waiters]
    waiters.clear()
    for (const wake of waited) wake()
  }
  wire.on('drain', goOn)
  return {
    send,
    batch,
    facts(sub, more) {
      const now = Date.now()
      // Those that wait go first. Whether the socket takes more is asked here only where nothing leaves that would ask it.
      if (!flow.isBehind(now) && backlog.isEmpty) batch(more)
      else if (takes()) backlog.add(sub, more, now)
    },
    setCatchingUp(sub, isSo) {
      if (isSo) catchingUp.add(sub)
      else catchingUp.delete(sub)
    },
    hasLeftOut: (sub) => backlog.hasLeftOut(sub),
    get slow() {
      return isSlow()
    },
    get isWaiting() {
      return !backlog.isEmpty || catchingUp.size > 0
    },
    onReady(wake) {
      waiters.add(wake)
      return () => waiters.delete(wake)
    },
    acknowledged(frames) {
      flow.acknowledged(frames, Date.now())
      goOn()
    },
    forget(sub) {
      backlog.forget(sub)
      catchingUp.delete(sub)
    },
    stop() {
      wire.off('drain', goOn)
      stop()
    },
  }
}
