// What calls are described by: who calls, whether it may, and how the call ended.
import type { CallOutcome } from '../breakers/policy.ts'
import type { Hold } from '../services/words.ts'

/** Who calls a service. */
export interface Caller {
  /** The name of its job's kind. */
  readonly kind?: string
  readonly tags?: readonly string[]
  /** The attempt it calls in, from 1: later ones are retries. */
  readonly attempt?: number
  /** Units of the budget the call costs; 1. */
  readonly cost?: number
  /** Uses a probe that was taken before there was a job for it. */
  readonly claimed?: boolean
  /** Somebody wants this one call made although the breaker is open. It is no probe, and says nothing to the breaker. */
  readonly forced?: boolean
}

export interface Entered {
  readonly entered: true
  /** Whether this call decides if the breaker closes. */
  readonly probe: boolean
  /** Ends the call, once. Answers how its service's breaker counts it. */
  leave(end: CallEnd): CallOutcome
}
export interface Refused {
  readonly entered: false
  readonly hold: Hold
}
export type Entry = Entered | Refused

/** `undecided` says nothing about the service: the call was given up, or never made. */
export type CallEnd =
  | { readonly is: 'succeeded' }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'undecided' }

/** A service did not let a call in: the job that wanted to call it waits, and has not failed. */
export class ServiceHeld extends Error {
  override readonly name = 'ServiceHeld'
  readonly code = 'circuit_open'
  readonly hold: Hold

  constructor(hold: Hold) {
    super(hold.reason)
    this.hold = hold
  }
}
