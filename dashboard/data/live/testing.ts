// Ways of listening that do what a test says, and frames as a server tells them.
import { vi } from 'vitest'
import type { Frame } from './frames.ts'
import type { Rung } from './ladder.ts'
import { Live } from './live.ts'
import type { Hears, OpenWire, Want } from './wire.ts'

export interface Opened {
  rung: Rung
  hears: Hears
  wants: Want[]
  forgotten: number[]
  closed: boolean
}

export const opened: Opened[] = []
export const fake =
  (rung: Rung): OpenWire =>
  (hears) => {
    const wire: Opened = { rung, hears, wants: [], forgotten: [], closed: false }
    opened.push(wire)
    return {
      listen: (want) => wire.wants.push(want),
      forget: (id) => wire.forgotten.push(id),
      ping: () => undefined,
      close: () => (wire.closed = true),
    }
  }
export const last = (): Opened => {
  const wire = opened.at(-1)
  if (!wire) throw new Error('nothing was opened')
  return wire
}
export const make = (): Live =>
  new Live({ wires: { ws: fake('ws'), sse: fake('sse'), poll: fake('poll') }, random: () => 0 })
export const snapshot = (sub: number | undefined, seq: number, rows: Record<string, unknown>, epoch = 'e'): Frame => ({
  type: 'snapshot',
  sub,
  topic: 'state:queues',
  epoch,
  seq,
  rows,
  cursor: undefined,
})
export const item = (id: string, sub?: number) =>
  ({ kind: 'event', sub, id, event: 'dlq:entry-added', name: 'x', ts: '', data: {} }) as const
export const event = (id: string, sub?: number): Frame => ({ type: 'items', at: undefined, items: [item(id, sub)] })

/** The server tells where the log is, every five seconds. */
export const tellPositions = (...cursors: string[]): void => {
  for (const cursor of cursors) {
    vi.advanceTimersByTime(5_000)
    last().hears.frame({ type: 'pong', at: undefined, cursor })
  }
}
/** Loses the connection and opens the next one. */
export const reopen = async (): Promise<Opened> => {
  last().hears.closed()
  await vi.advanceTimersByTimeAsync(1_000)
  last().hears.open()
  return last()
}
