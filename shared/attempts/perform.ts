// The middle step: calls the handler and hears what it says, within its time and as long as the job is ours.
import type { z } from 'zod'
import { ServiceHeld } from '../calls/entry.ts'
import type { Child, Directive, HandlerContext } from '../catalog/handler.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Attempt, Outcome } from './attempt.ts'
import { sayIssues } from './begin.ts'
import { mistakeIn } from './children.ts'
import { createDeadlines } from './deadlines.ts'
import { Cancelled, LockLost, Stopping, TimeoutError, Unworkable } from './ending.ts'
import type { Interrupt } from './interrupt.ts'
import { hopOf } from './terms.ts'

const resultBytesMax = 262_144
const logLineMax = 8_192

/** Performs an attempt and answers how it ended. A handler whose signal fired because of its time, because somebody cancelled,
 *  or because its process stops and it goes on elsewhere, has a grace to end by itself; then, and for all other reasons at once, it is given up: what it returns
 *  or does to its job later counts for nothing. Either way the attempt ended for the reason of the signal. */
export const perform = (clock: Clock, catalog: Catalog) => {
  const deadlines = createDeadlines(clock)
  return (attempt: Attempt): Promise<Outcome> =>
    new Promise((resolve) => {
      const { interrupt } = attempt.job
      const run: Run = { over: false }
      let withdraw = deadlines.set(attempt.timeoutMs, () => interrupt.end(new TimeoutError(attempt.timeoutMs)))
      const finish = (outcome: Outcome): void => {
        if (run.over) return
        run.over = true
        interrupt.onEnd = undefined
        withdraw()
        resolve(outcome)
      }
      interrupt.onEnd = (reason) => {
        withdraw()
        const graceMs = graceOf(attempt, reason)
        if (graceMs === 0) return finish(ended(reason))
        withdraw = deadlines.set(graceMs, () => finish(ended(reason)))
      }
      if (interrupt.reason) finish(ended(interrupt.reason))
      else call(attempt, run, catalog, (outcome) => finish(interrupt.reason ? ended(interrupt.reason) : outcome))
    })
}

/** ms a handler has to end by itself after its signal fired. */
const graceOf = ({ graceMs }: Attempt, reason: Error): number => {
  if (reason instanceof Cancelled) return reason.graceMs ?? graceMs
  if (reason instanceof Stopping) return reason.graceMs
  return reason instanceof TimeoutError ? graceMs : 0
}

/** Whether an attempt is over, for those who still hold something of it. */
interface Run {
  over: boolean
}

/** A handler that answers at once is heard at once. */
const call = (attempt: Attempt, run: Run, catalog: Catalog, finish: (outcome: Outcome) => void): void => {
  const { work } = attempt
  if (work === undefined) throw new Error('an attempt without work has its outcome already')
  const fail = (error: unknown): void =>
    finish(error instanceof ServiceHeld ? { is: 'parked', hold: error.hold } : { is: 'failed', error })
  const take = (said: unknown): void => finish(hear(said, work.kind, catalog))
  try {
    const said: unknown = work.handler(new Context(attempt, work.payload, run))
    if (said instanceof Promise) said.then(take).catch(fail)
    else take(said)
  } catch (error) {
    fail(error)
  }
}

/** Why the signal fired says how the attempt ended, whatever the handler made of it. */
export const ended = (reason: unknown): Outcome => {
  if (reason instanceof Cancelled) return { is: 'cancelled', reason: reason.message }
  if (reason instanceof Stopping) return { is: 'interrupted', reason: reason.message }
  if (reason instanceof LockLost) return { is: 'lost' }
  return { is: 'failed', error: reason }
}

/** What a handler is given. All of it is its own and survives a copy, so there are no methods. */
class Context implements HandlerContext<unknown> {
  readonly id: string
  readonly queue: string
  readonly payload: unknown
  declare readonly signal: AbortSignal
  readonly attempt: number
  readonly maxAttempts: number
  readonly fence: number
  readonly idempotencyKey: string
  readonly hop: number | undefined
  readonly log: HandlerContext<unknown>['log']
  readonly progress: HandlerContext<unknown>['progress']
  readonly parentProgress: HandlerContext<unknown>['parentProgress']
  readonly children: HandlerContext<unknown>['children']
  readonly #interrupt: Interrupt

  constructor({ job, number, maxAttempts }: Attempt, payload: unknown, run: Run) {
    const { tools } = job
    this.id = job.id
    this.queue = job.queue
    this.payload = payload
    this.attempt = number
    this.maxAttempts = maxAttempts
    this.fence = job.starts
    this.idempotencyKey = `${job.queue}:${job.id}:${job.attemptsMade}`
    this.hop = hopOf(job.opts)
    // The tools do nothing once the attempt is over, so that a handler that was given up cannot meddle.
    this.log = async (line) => (run.over ? undefined : tools.log(cut(line)))
    this.progress = async (value) => (run.over ? undefined : tools.progress(value))
    this.parentProgress = async (value) => (run.over ? undefined : tools.parentProgress(value))
    this.children = () => tools.children()
    this.#interrupt = job.interrupt
    Object.defineProperty(this, 'signal', Context.#signal)
  }

  /** The signal is made when a handler asks for it. One getter for all: with a getter of its own each context would be of
   *  a shape of its own, and cost as much as the rest of an attempt. */
  static readonly #signal: PropertyDescriptor & ThisType<Context> = {
    get() {
      return this.#interrupt.signal
    },
    enumerable: true,
  }
}

const cut = (line: string): string => line.slice(0, logLineMax).toWellFormed().replaceAll('\u0000', ' ')

const hear = (said: unknown, kind: AnyKind, catalog: Catalog): Outcome => {
  if (!isDirective(said)) return { is: 'failed', error: saidSomethingElse(said, kind) }
  switch (said.directive) {
    case 'done':
      return accept(said.result, kind)
    case 'snooze':
      return { is: 'snoozed', delayMs: said.delayMs, reason: said.reason }
    case 'cancel':
      return { is: 'cancelled', reason: said.reason }
    case 'fan_out':
      return multiply(said.children, catalog)
    default:
      said satisfies never
      throw new Error('unreachable')
  }
}

const multiply = (children: readonly Child[], catalog: Catalog): Outcome => {
  const mistake = mistakeIn(children, catalog)
  return mistake === undefined ? { is: 'fanned_out', children } : { is: 'failed', error: mistake }
}

const directives: ReadonlySet<unknown> = new Set<Directive<never>['directive']>(['done', 'snooze', 'cancel', 'fan_out'])

const isDirective = (said: unknown): said is Directive<unknown> =>
  typeof said === 'object' && said !== null && 'directive' in said && directives.has(said.directive)

const saidSomethingElse = (said: unknown, kind: AnyKind): Unworkable =>
  new Unworkable(
    'ReturnUnknown',
    `the handler of ${kind.name} returned ${said === undefined ? 'nothing' : typeof said}; it may return ` +
      `done(result), snooze(period, reason), cancel(reason) or fanOut(children), or throw`,
  )

const accept = (result: unknown, kind: AnyKind): Outcome => {
  const parsed = (kind.result as z.ZodType).safeParse(result)
  if (!parsed.success)
    return unworkable('ResultInvalid', `the result is not one of ${kind.name}: ${sayIssues(parsed.error)}`)
  const bytes = sizeOf(parsed.data)
  if (bytes === undefined) return unworkable('ResultInvalid', `the result of ${kind.name} cannot be written as JSON`)
  if (bytes > resultBytesMax)
    return unworkable('ResultTooLarge', `the result has ${bytes} bytes, ${resultBytesMax} are kept; store it elsewhere`)
  return { is: 'done', result: parsed.data }
}

const unworkable = (name: string, message: string): Outcome => ({ is: 'failed', error: new Unworkable(name, message) })

const sizeOf = (value: unknown): number | undefined => {
  try {
    return Buffer.byteLength(JSON.stringify(value) ?? '')
  } catch {
    return undefined
  }
}
