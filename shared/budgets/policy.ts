// Decisions of budgets that need nothing but words: whose share a call takes of, and how much a process may lease, how long.
import type { Budget } from './words.ts'

/** What tells whose share of a budget a call takes of. */
export interface Caller {
  /** The name of the job. */
  readonly kind?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** Jobs that no allocation names; what the allocations leave is theirs. */
export const REST = ''

/** One part of a budget: its sort of jobs, and how many units are its own. */
export interface Share {
  readonly sort: string
  readonly own: number
}

/** The parts a budget is split into, the rest last; none for a budget that is not split. */
export const sharesOf = ({ limit, allocations }: Budget): Share[] => {
  if (allocations.length === 0) return []
  const shares = allocations.map(({ kind, tag, share }) => ({
    sort: kind === undefined ? `tag:${tag ?? ''}` : `kind:${kind}`,
    own: Math.floor(limit * share),
  }))
  const allocated = shares.reduce((sum, { own }) => sum + own, 0)
  return [...shares, { sort: REST, own: Math.max(0, limit - allocated) }]
}

/** The first allocation that names the job or one of its tags; `REST` where none does. */
export const sortOf = ({ allocations }: Budget, { kind, tags = [] }: Caller): string => {
  for (const allocation of allocations) {
    if (allocation.kind !== undefined && allocation.kind === kind) return `kind:${allocation.kind}`
    if (allocation.tag !== undefined && tags.includes(allocation.tag)) return `tag:${allocation.tag}`
  }
  return REST
}

const LEASE_MIN_MS = 5
const LEASE_MAX_MS = 250

/** How long what a process is granted may take to be used: by a lease, or until the process hears of it. It is counted at
 *  the end of that, so a two-hundredth of the window is what it may cost; a throttle is obeyed that late by a process that
 *  has leased. */
export const leaseMsOf = (perMs: number): number =>
  Math.round(Math.min(LEASE_MAX_MS, Math.max(LEASE_MIN_MS, perMs / 200)))

/** How much a process asks of a budget lately: a mean of units per millisecond over some 250 ms. */
export interface Demand {
  asked(units: number): void
  /** Units it is likely to want within so many ms; 0 for one that asks now and then, so that it hoards nothing. */
  within(ms: number, now: number): number
}

const MEMORY_MS = 250

export const createDemand = (now: number): Demand => {
  let rate = 0
  let units = 0
  let since = now
  return {
    asked(more) {
      units += more
    },
    within(ms, at) {
      const passed = at - since
      if (passed > 0) {
        rate += (units / passed - rate) * (1 - Math.exp(-passed / MEMORY_MS))
        units = 0
        since = at
      }
      return Math.floor(rate * ms)
    },
  }
}
