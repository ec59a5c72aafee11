// What holds for a service: what is declared, and over it what operators changed, part by part.
import { BreakerConfig } from '../breakers/words.ts'
import { RetryBudget } from '../budgets/words.ts'
import type { PartSource, Service } from './contract.ts'
import { ServiceConfig } from './words.ts'
import type { ServicePatch } from './words.ts'

export type Part = keyof Service['sources']
export const PARTS: readonly Part[] = ['summary', 'breaker', 'budget', 'concurrency', 'retry_budget']

/** Members that are there; zod's optional ones may be there as `undefined`. */
const given = <Value extends object>(value: Value | undefined): Partial<Value> =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, member]) => member !== undefined)) as Partial<Value>

/** The configuration with the edits over it; undefined when what comes out contradicts itself, with what is wrong. */
export const withEdits = (base: ServiceConfig, edits: ServicePatch): ReturnType<typeof ServiceConfig.safeParse> =>
  ServiceConfig.safeParse({
    breaker: {
      ...base.breaker,
      ...given(edits.breaker),
      window: { ...base.breaker.window, ...given(edits.breaker?.window) },
    },
    budget: edits.budget === undefined ? base.budget : edits.budget,
    concurrency: edits.concurrency === undefined ? base.concurrency : edits.concurrency,
    retry_budget: { ...base.retry_budget, ...given(edits.retry_budget) },
  })

/** As `withEdits`. A deploy may have declared what no longer goes with an edit; then the edited part stands as it can, and
 *  the declared one where it cannot. */
export const configWith = (base: ServiceConfig, edits: ServicePatch | undefined): ServiceConfig => {
  if (edits === undefined) return base
  const whole = withEdits(base, edits)
  if (whole.success) return whole.data
  const breaker = BreakerConfig.safeParse({ ...base.breaker, ...given(edits.breaker) }).data ?? base.breaker
  const retry = RetryBudget.safeParse({ ...base.retry_budget, ...given(edits.retry_budget) }).data
  return {
    breaker,
    budget: edits.budget === undefined ? base.budget : edits.budget,
    concurrency: edits.concurrency === undefined ? base.concurrency : edits.concurrency,
    retry_budget: retry ?? base.retry_budget,
  }
}

/** A change after earlier ones. */
export const mergeEdits = (before: ServicePatch, change: ServicePatch): ServicePatch => {
  const window = { ...before.breaker?.window, ...given(change.breaker?.window) }
  const breaker = {
    ...before.breaker,
    ...given(change.breaker),
    ...(Object.keys(window).length === 0 ? {} : { window }),
  }
  const retry = { ...before.retry_budget, ...given(change.retry_budget) }
  return {
    ...before,
    ...given(change),
    ...(Object.keys(breaker).length === 0 ? {} : { breaker }),
    ...(Object.keys(retry).length === 0 ? {} : { retry_budget: retry }),
  }
}

/** The parts that a change names. */
export const partsOf = (edits: ServicePatch): Part[] => PARTS.filter((part) => edits[part] !== undefined)

/** Where each part comes from. */
export const sourcesOf = (isDeclared: boolean, edits: ServicePatch | undefined): Record<Part, PartSource> => {
  const source = (part: Part): PartSource =>
    edits?.[part] !== undefined ? 'edited' : isDeclared ? 'declared' : 'learnt'
  return {
    summary: source('summary'),
    breaker: source('breaker'),
    budget: source('budget'),
    concurrency: source('concurrency'),
    retry_budget: source('retry_budget'),
  }
}
