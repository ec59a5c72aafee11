// What an event from outside sets off: whoever reacts is given it, and answers what was started.
import type { Started } from './words.ts'

/** An event as it is given to who reacts. */
export interface SentEvent {
  readonly id: string
  readonly name: string
  /** Epoch ms at which it happened. */
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
  /** How often it went through k1n before. */
  readonly hop: number
}

/** Starts what waits for the event. May be called again with the same event, and then starts nothing twice and answers the same. */
export type React = (event: SentEvent) => Promise<readonly Started[]>
