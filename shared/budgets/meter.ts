// What one process may take of one sort of calls to one service: from what it has leased, else by asking Redis.
import type { Kernel } from '../kernel/kernel.ts'
import { answered, SILENT_MS } from './answer.ts'
import { createLine } from './line.ts'
import { createDemand, leaseMsOf } from './policy.ts'
import type { Share } from './policy.ts'
import type { BudgetStore, Reply } from './store.ts'
import { steadyOf } from './time.ts'

/** Leave for one call. `atMs` is the Redis time at which it was given. `untilMs` is the earliest time at which a call of
 *  this cost may fit, by the clock of this process. */
export type Grant = { readonly granted: true; readonly atMs: number } | Refusal
export type Refusal = { readonly granted: false; readonly untilMs: number }

/** A budget in the form a meter needs; the same object as long as the budget stays the same. */
export interface Terms {
  /** 0: no budget, only the throttle. */
  readonly limit: number
  readonly perMs: number
  readonly shares: readonly Share[]
}

export interface Meter {
  take(terms: Terms, cost: number): Grant | Promise<Grant>
  /** Nothing is granted until then, from this moment on. */
  hold(untilMs: number): void
  /** Gives back what can no longer be used, or all of it. */
  giveBack(all?: boolean): Promise<void>
  /** Whether nobody has asked since the last time this was asked, and nothing is left to give back. */
  isIdle(): boolean
}

interface Asker {
  readonly cost: number
  readonly resolve: (grant: Grant) => void
}

/** How long a refusal is believed without asking again: what others give back, or a higher limit, is seen that late. */
const BELIEVED_MS = 1_000
const CALLS_MAX = 1_000

export const createMeter = (
  kernel: Kernel,
  store: BudgetStore,
  service: string,
  sort: string,
  owner: string,
): Meter => {
  const { clock } = kernel
  const steady = steadyOf(kernel)
  const demand = createDemand(steady())
  const lease = `${owner}/${sort}`
  let terms: Terms = { limit: 0, perMs: 0, shares: [] }
  let number = 0
  // What is left of the lease, until when by the steady clock, and what turns that clock into Redis's time.
  let left = 0
  let ends = 0
  let offset = 0
  let refusal: { cost: number; believedUntilMs: number; answer: Refusal } | undefined
  let heldUntilMs = 0
  let asked = 0

  /** An answer that needs no Redis, if there is one. */
  const answerFor = (cost: number): Grant | undefined => {
    const now = steady()
    if (cost <= left && now <= ends) {
      left -= cost
      return { granted: true, atMs: offset + now }
    }
    if (refusal === undefined || cost < refusal.cost) return undefined
    return clock.now() < refusal.believedUntilMs ? refusal.answer : undefined
  }

  const remember = (cost: number, untilMs: number, believedMs: number): void => {
    const believedUntilMs = Math.min(untilMs, clock.now() + believedMs)
    refusal = { cost, believedUntilMs, answer: { granted: false, untilMs } }
  }

  /** What was refused under terms that have changed meanwhile says nothing about the calls that follow. */
  const refuse = (askers: Asker[], cost: number, untilMs: number, isCurrent: boolean): void => {
    if (isCurrent && clock.now() >= heldUntilMs) remember(cost, untilMs, BELIEVED_MS)
    for (const { resolve } of askers) resolve({ granted: false, untilMs })
  }

  /** Asks for so many calls of one cost. What is left of the lease goes back with the same message. */
  const ask = (calls: number, cost: number, wish: number): Promise<Reply | undefined> => {
    const { limit, perMs, shares } = terms
    const back = { number, units: left === Infinity ? 0 : left }
    left = 0
    const leaseMs = leaseMsOf(perMs)
    const request = { limit, perMs, leaseMs, lease, number: ++number, back, calls, cost, wish, sort, shares }
    return answered(kernel, () => store.take(service, request))
  }

  /** Everything was granted. Where there is no budget, a lease only says that there is no throttle. */
  const keep = ({ now, leased }: Reply, sentAt: number): void => {
    if (clock.now() < heldUntilMs) return
    left = terms.limit === 0 ? Infinity : leased
    ends = sentAt + leaseMsOf(terms.perMs)
    offset = now - sentAt
    refusal = undefined
  }

  /** Answers those at the head of the line who want the same: from what is known, else by asking Redis. */
  const settle = async (askers: Asker[]): Promise<void> => {
    const { cost } = askers[0] as Asker
    const known = answerFor(cost)
    if (known !== undefined) {
      askers.shift()?.resolve(known)
      return
    }
    const others = askers.findIndex((asker) => asker.cost !== cost)
    const calls = Math.min(CALLS_MAX, others < 0 ? askers.length : others)
    const [asking, sentAt] = [terms, steady()]
    const reply = await ask(calls, cost, demand.within(leaseMsOf(terms.perMs), sentAt))
    const isCurrent = asking === terms
    if (reply === undefined) {
      refuse(askers.splice(0, calls), 1, clock.now() + SILENT_MS, isCurrent)
      return
    }
    for (const { resolve } of askers.splice(0, reply.granted)) resolve({ granted: true, atMs: reply.now })
    if (reply.granted < calls)
      refuse(askers.splice(0, calls - reply.granted), cost, clock.now() + reply.again - reply.now, isCurrent)
    else if (isCurrent) keep(reply, sentAt)
  }

  const line = createLine(settle)

  const renew = (next: Terms): void => {
    terms = next
    // What was leased under other terms may be more than these allow; it stays counted.
    left = 0
    if (clock.now() >= heldUntilMs) refusal = undefined
  }

  return {
    take(next, cost) {
      if (next !== terms) renew(next)
      asked++
      demand.asked(cost)
      const known = line.isEmpty ? answerFor(cost) : undefined
      if (known !== undefined) return known
      return new Promise((resolve) => {
        if (!line.join({ cost, resolve })) resolve({ granted: false, untilMs: clock.now() + SILENT_MS })
      })
    },
    hold(untilMs) {
      left = 0
      heldUntilMs = untilMs
      remember(1, untilMs, Infinity)
    },
    async giveBack(all = false) {
      // Whoever is in line takes it along.
      if (left > 0 && left < Infinity && line.isEmpty && (all || steady() > ends)) await ask(0, 1, 0)
    },
    isIdle() {
      const isIdle = asked === 0 && (left === 0 || steady() > ends) && line.isEmpty
      asked = 0
      return isIdle
    },
  }
}
