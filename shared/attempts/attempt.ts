// One run of one job as a value: what the queue handed over, what it is held to, how it ended, what shall become of it.
import type { AnyKind } from '../catalog/kind.ts'
import type { Child, Children, Handler } from '../catalog/handler.ts'
import type { JobError } from '../jobs/words.ts'
import type { Interrupt } from './interrupt.ts'
import type { RetryPolicy } from '../retries/words.ts'
import type { Hold } from '../services/words.ts'

/** A job as the queue hands it over. Times are epoch milliseconds. */
export interface Assignment {
  readonly queue: string
  readonly id: string
  readonly name: string
  readonly data: unknown
  /** The job's options as stored; other services may have written them. */
  readonly opts: Readonly<Record<string, unknown>>
  /** Attempts that ended before this one. */
  readonly attemptsMade: number
  /** Starts so far, this one included: snoozes and crashes count here. */
  readonly starts: number
  /** How often a process went away while it ran this job. */
  readonly stalls: number
  readonly priority: number
  readonly addedAt: number
  readonly startedAt: number
  /** Ends the attempt early; its reason is one of those in `ending.ts`. */
  readonly interrupt: Interrupt
  readonly tools: Tools
}

/** What a handler may do to its job while it runs. */
export interface Tools {
  log(line: string): Promise<void>
  progress(value: number | object): Promise<void>
  parentProgress(value: number | object): Promise<void>
  children(): Promise<Children>
}

/** An attempt that may be performed: its kind is known and its payload is what the kind says. */
export interface Attempt {
  readonly job: Assignment
  /** Counted from 1. */
  readonly number: number
  readonly maxAttempts: number
  /** How it is tried again; worked out when asked for, as most attempts succeed. */
  readonly policy: () => Readonly<RetryPolicy>
  readonly timeoutMs: number
  /** ms it has to end by itself after its signal fired. */
  readonly graceMs: number
  /** Absent when the job cannot be performed; `outcome` says why. */
  readonly work?: { readonly kind: AnyKind; readonly handler: Handler<AnyKind>; readonly payload: unknown }
  /** How it ended; a step leaves an attempt alone that has ended before it. */
  readonly outcome?: Outcome
}

/** How an attempt ended. */
export type Outcome =
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'snoozed'; readonly delayMs: number; readonly reason: string }
  | { readonly is: 'cancelled'; readonly reason: string }
  | { readonly is: 'fanned_out'; readonly children: readonly Child[] }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'poison'; readonly error: unknown }
  | { readonly is: 'interrupted'; readonly reason: string }
  /** It had to be started by `at`, epoch ms, and was not. */
  | { readonly is: 'expired'; readonly at: number }
  | Parked
  | { readonly is: 'lost' }

/** Its service let nobody in, or what it tried there as a probe failed: no attempt is counted. */
export interface Parked {
  readonly is: 'parked'
  readonly hold: Hold
  /** What the probe failed with. */
  readonly probe?: unknown
}

/** Why a job became a dead letter. */
export type DeathReason = 'exhausted' | 'permanent' | 'timeout' | 'poison'

/** What shall become of the job. */
export type Verdict =
  | { readonly say: 'complete'; readonly result: unknown }
  | { readonly say: 'retry'; readonly delayMs: number; readonly error: JobError }
  | { readonly say: 'die'; readonly reason: DeathReason; readonly error: JobError }
  | { readonly say: 'snooze'; readonly delayMs: number; readonly reason: string }
  | { readonly say: 'cancel'; readonly reason: string }
  | { readonly say: 'expire' }
  | { readonly say: 'wait_for_children'; readonly children: readonly Child[] }
  | { readonly say: 'put_back'; readonly reason: string }
  | { readonly say: 'park'; readonly hold: Hold; readonly reason?: string }
  | { readonly say: 'let_go' }
