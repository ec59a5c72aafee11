// What every way of listening offers, so that the store above need not know which one is in use.
import type { Frame } from './frames.ts'

/** Which events of a pattern are wanted; a way that cannot narrow tells all of the pattern. */
export interface Filter {
  queue?: readonly string[]
  task_id?: readonly string[]
}

/** One subscription: a state topic or a pattern of events. */
export interface Want {
  id: number
  topic: string
  filter?: Filter | undefined
  /** Events after this cursor; from now when absent. */
  after: string | undefined
}

export interface Hears {
  /** The way works; subscriptions may be made. */
  open: () => void
  frame: (frame: Frame) => void
  /** It is over; called once, never after `close`. */
  closed: () => void
}

export interface Wire {
  listen: (want: Want) => void
  forget: (id: number) => void
  /** Asks for a sign of life, where the way has such a thing. */
  ping: () => void
  close: () => void
}

export type OpenWire = (hears: Hears) => Wire

/** Whether an event of this live name belongs to a pattern such as `retry:*`. */
export const fits = (pattern: string, event: string): boolean =>
  pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : pattern === event
