// Calls of services: one is let in past its breaker, retry budget, places and budget, and all of them hear how it ended.
import type { BreakerClient, Permit } from '../breakers/client.ts'
import { outcomeOf as judgeCall } from '../breakers/policy.ts'
import type { CallOutcome } from '../breakers/policy.ts'
import type { Budgets, Grant } from '../budgets/budgets.ts'
import type { Bulkheads, Place } from '../budgets/bulkheads.ts'
import type { RetryBudgets } from '../budgets/retry-budgets.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { classify } from '../retries/classify.ts'
import type { ServiceConfig } from '../services/words.ts'
import type { HoldCause } from '../services/words.ts'
import { describeHold } from './describe.ts'
import { pace, paceBudget } from './ramp.ts'
import type { Ramp } from './ramp.ts'
import type { CallEnd, Caller, Entered, Entry, Refused } from './entry.ts'

export interface CallsNeeds {
  configOf: (service: string) => ServiceConfig
  breakers: Pick<BreakerClient, 'admit'>
  budgets: Budgets
  bulkheads: Bulkheads
  retryBudgets: RetryBudgets
  /** How a service comes back, while it does. */
  rampOf?: (service: string) => Ramp | undefined
  /** Hears of calls that have to wait for their turn because their service only comes back. */
  onTurnAway?: (service: string) => void
}

export interface Calls {
  /** May this call start now? For a service that is well, and has neither budget nor places, the answer is there at once and
   *  costs no Redis command. Who is let in must `leave`. Never throws because of Redis. */
  enter(service: string, caller: Caller): Entry | Promise<Entry>
}

/** What a call holds of its service until it ends. */
interface Held {
  readonly permit: Extract<Permit, { admitted: true }>
  readonly place: Extract<Place, { entered: true }> | undefined
  /** Whether it has leave of the retry budget. */
  readonly isRetry: boolean
}

export const createCalls = (kernel: Kernel, needs: CallsNeeds): Calls => {
  const { clock } = kernel
  const { configOf, breakers, budgets, bulkheads, retryBudgets, rampOf = () => undefined, onTurnAway } = needs
  const rampBudget = createRampBudgets()

  const refuse = (service: string, cause: HoldCause, untilMs: number, reason?: string): Refused => ({
    entered: false,
    hold: { service, cause, untilMs, reason: reason ?? describeHold(service, cause, untilMs - clock.now()) },
  })
  const letIn = (service: string, config: ServiceConfig, held: Held): Entered => {
    const begun = clock.now()
    return {
      entered: true,
      probe: held.permit.probe,
      leave(end) {
        held.place?.leave()
        const outcome = outcomeOf(end, config)
        // Heard first, so that a breaker that opens by this call stays open for as long as the service asked.
        if (end.is === 'failed') heed(service, end.error)
        held.permit.report(outcome, clock.now() - begun)
        return outcome
      },
    }
  }
  /** A service that asks for a pause gets it from everyone. */
  const heed = (service: string, error: unknown): void => {
    const { retryAfterMs } = classify(error)
    if (retryAfterMs !== undefined && retryAfterMs > 0) void budgets.throttle(service, clock.now() + retryAfterMs)
  }
  const afterBreaker = (service: string, caller: Caller, permit: Permit): Entry | Promise<Entry> => {
    if (!permit.admitted && caller.forced === true && permit.state !== 'forced_open')
      return enterSlowly(service, caller, configOf(service), beside, undefined)
    if (!permit.admitted) return refuse(service, 'breaker', permit.untilMs, permit.reason)
    const config = configOf(service)
    const ramp = permit.probe || caller.forced === true ? undefined : rampOf(service)
    if (isLater(caller) || config.concurrency !== null || ramp !== undefined)
      return enterSlowly(service, caller, config, permit, ramp)
    const grant = budgets.take(service, config.budget, caller)
    const held = { permit, place: undefined, isRetry: false }
    return grant instanceof Promise
      ? grant.then((granted) => afterBudget(service, caller, config, held, granted))
      : afterBudget(service, caller, config, held, grant)
  }
  const afterBudget = (service: string, caller: Caller, config: ServiceConfig, held: Held, grant: Grant): Entry => {
    if (!grant.granted) return giveUp(service, held, 'budget', grant.untilMs)
    // Counted when it is let in: one that asks again and again is one first attempt.
    if ((caller.attempt ?? 1) === 1) retryBudgets.first(service, config.retry_budget)
    return letIn(service, config, held)
  }
  /** Gives back what a call held that is refused after all. */
  const giveUp = (service: string, held: Held, cause: HoldCause, untilMs: number): Refused => {
    held.place?.leave()
    if (held.isRetry) retryBudgets.giveBack(service)
    held.permit.release()
    return refuse(service, cause, untilMs)
  }
  const enterSlowly = async (
    service: string,
    caller: Caller,
    config: ServiceConfig,
    permit: Held['permit'],
    ramp: Ramp | undefined,
  ): Promise<Entry> => {
    // A probe is one of few: it is no time to save retries.
    const isRetry = isLater(caller) && !permit.probe
    if (isRetry) {
      const retry = await retryBudgets.take(service, config.retry_budget)
      if (!retry.granted)
        return giveUp(service, { permit, place: undefined, isRetry: false }, 'retry_budget', retry.untilMs)
    }
    const held = { permit, place: undefined, isRetry }
    const perSecond = ramp && pace(ramp, clock.now())
    if (perSecond !== undefined) {
      const turn = await budgets.take(`ramp ${service}`, rampBudget(perSecond))
      if (!turn.granted) {
        onTurnAway?.(service)
        return giveUp(service, held, 'breaker', turn.untilMs)
      }
    }
    const place = config.concurrency === null ? undefined : await bulkheads.enter(service, config.concurrency)
    if (place?.entered === false) return giveUp(service, held, 'concurrency', place.untilMs)
    return afterBudget(service, caller, config, { ...held, place }, await budgets.take(service, config.budget, caller))
  }
  return {
    enter(service, caller) {
      const permit = caller.claimed === true ? breakers.admit(service, { probe: 'claimed' }) : breakers.admit(service)
      return permit instanceof Promise
        ? permit.then((admitted) => afterBreaker(service, caller, admitted))
        : afterBreaker(service, caller, permit)
    },
  }
}

/** Later attempts are retries; one that is forced asks nobody for leave. */
const isLater = ({ attempt = 1, forced = false }: Caller): boolean => attempt > 1 && !forced

/** Lets a call be made of which the breaker hears nothing. */
const beside: Held['permit'] = { admitted: true, probe: false, report: () => undefined, release: () => undefined }

const outcomeOf = (end: CallEnd, { breaker }: ServiceConfig): CallOutcome => {
  if (end.is === 'undecided') return 'ignored'
  return judgeCall(breaker, end.is === 'succeeded' ? undefined : classify(end.error).class)
}

/** Budgets ask for the same object as long as nothing in it changes. */
const createRampBudgets = () => {
  const known = new Map<number, ReturnType<typeof paceBudget>>()
  return (perSecond: number) => {
    const budget = known.get(perSecond) ?? paceBudget(perSecond)
    if (known.size > 1_000) known.clear()
    known.set(perSecond, budget)
    return budget
  }
}
