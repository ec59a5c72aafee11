// What a handler is given, and the four things it may say instead of throwing.
import type { AnyKind, Catalog, PayloadOf, ResultOf } from './kind.ts'

/** A time as a person writes it: milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`. */
export type Period = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const periodMax = 30 * units.d

/** Milliseconds of a period, whole. Throws a `RangeError` for what is none, is negative, or is longer than 30 days. */
export const toMs = (period: Period): number => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(period)) ?? []
  const ms = typeof period === 'number' ? period : Number(amount || Number.NaN) * units[unit as keyof typeof units]
  if (!(ms >= 0 && ms <= periodMax)) throw new RangeError(`${String(period)} is no period between 0 and 30d`)
  return Math.round(ms)
}

/** A job to be made by a handler. `key` names it among its parent's children: the same key is the same job for ever. */
export interface Child {
  name: string
  key: string | number
  payload: unknown
  priority?: number
}

/** How the children of a job stand. Members are in no order. */
export interface Children {
  completed: { id: string; result: unknown }[]
  failed: { id: string; reason: string }[]
  /** Not finished yet. */
  pending: number
  /** This attempt made or found them by `fanOut` already and was called again; false before it did. */
  resumed: boolean
}

/** What a handler says by its return. Anything else it returns is refused with the list of these. */
export type Directive<Result> =
  | { readonly directive: 'done'; readonly result: Result }
  | { readonly directive: 'snooze'; readonly delayMs: number; readonly reason: string }
  | { readonly directive: 'cancel'; readonly reason: string }
  | { readonly directive: 'fan_out'; readonly children: readonly Child[] }

/** The job succeeded with this result. */
export const done = <Result>(result: Result): Directive<Result> => ({ directive: 'done', result })

/** Not now: the job runs again after the period. It costs no attempt. */
export const snooze = (period: Period, reason: string): Directive<never> => ({
  directive: 'snooze',
  delayMs: toMs(period),
  reason,
})

/** Not at all: the job ends as cancelled, which is neither a success nor a dead letter. */
export const cancel = (reason: string): Directive<never> => ({ directive: 'cancel', reason })

/** Makes these jobs, waits until all have ended, and calls the handler again; it then asks `children()`. Children that
 *  exist are not made twice, ones that had failed are tried again. */
export const fanOut = (children: readonly Child[]): Directive<never> => ({ directive: 'fan_out', children })

const permanents = new WeakSet<Error>()

/** Marks an error as one that no retry can mend: `throw permanent(new Error('no such customer'))`. */
export const permanent = <E extends Error>(error: E): E => {
  permanents.add(error)
  return error
}

export const isPermanent = (error: unknown): boolean => error instanceof Error && permanents.has(error)

const delays = new WeakMap<Error, number>()

/** Marks an error with when the next attempt shall be, in the place of what the job's policy says, if there is one. */
export const retryIn = <E extends Error>(error: E, delayMs: number): E => {
  delays.set(error, Math.max(0, Math.round(delayMs)))
  return error
}

export const retryDelayOf = (error: unknown): number | undefined =>
  error instanceof Error ? delays.get(error) : undefined

/** What a handler is given. */
export interface HandlerContext<Payload> {
  readonly id: string
  readonly queue: string
  readonly payload: Payload
  /** Aborted at the time-out, when the job is cancelled, when its lock is lost and when the process stops. */
  readonly signal: AbortSignal
  /** Counted from 1; snoozes, restarts and crashes do not count. */
  readonly attempt: number
  readonly maxAttempts: number
  /** Grows with every start of this job: what carries a lower one comes from a run that was given up. */
  readonly fence: number
  /** For outbound calls: the same for as long as the attempt is the same. */
  readonly idempotencyKey: string
  /** For outbound calls of a job that an event set off: `X-K1n-Hop`, by which circles end. Undefined for other jobs. */
  readonly hop: number | undefined
  /** Adds a line to the job's log; a line is cut at 8 KiB. */
  readonly log: (line: string) => Promise<void>
  /** Tells how far the job is: a number or an object. */
  readonly progress: (value: number | object) => Promise<void>
  /** Tells how far the parent is; does nothing for a job without one. */
  readonly parentProgress: (value: number | object) => Promise<void>
  /** How the jobs of an earlier `fanOut` stand; all empty when there was none. */
  readonly children: () => Promise<Children>
}

/** The code of one kind. It steers by its return or by throwing: what it throws is classified and, where that makes
 *  sense, tried again. */
export type Handler<K extends AnyKind> = (
  context: HandlerContext<PayloadOf<K>>,
) => Promise<Directive<ResultOf<K>>> | Directive<ResultOf<K>>

/** One handler for every kind of a catalog: a missing or mistyped one does not compile. */
export type Handlers<C extends Catalog> = { readonly [Name in keyof C]: Handler<C[Name]> }

// A handler takes its own payload only, so a table of all of them can be typed by none; the schema is checked at run time.
// oxlint-disable-next-line typescript/no-explicit-any -- see above.
export type AnyHandlers = Readonly<Record<string, Handler<any>>>
