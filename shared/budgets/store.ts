// Keys and scripts of budgets: what was taken of one, and the throttle of a service.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { Share } from './policy.ts'
import { scriptNow } from './time.ts'

const takeScript = script(new URL('./take.lua', import.meta.url))
const throttleScript = script(new URL('./throttle.lua', import.meta.url))
const lookScript = script(new URL('./look.lua', import.meta.url))

/** What a process asks for at once. */
export interface Request {
  /** 0: no budget, only the throttle. */
  readonly limit: number
  readonly perMs: number
  readonly leaseMs: number
  /** Names what this process leases of this sort; `number` counts its leases. */
  readonly lease: string
  readonly number: number
  /** Units of lease `number` that were not used. */
  readonly back: { readonly number: number; readonly units: number }
  readonly calls: number
  readonly cost: number
  /** Units it would like to lease for the calls that follow. */
  readonly wish: number
  readonly sort: string
  readonly shares: readonly Share[]
}

/** Times are Redis's, in epoch milliseconds. */
export interface Reply {
  readonly now: number
  readonly granted: number
  readonly leased: number
  /** When those that were not granted are worth another try. */
  readonly again: number
}

export interface Usage {
  readonly now: number
  /** In the past, or 0, where the service is not throttled. */
  readonly throttledUntil: number
  /** When the first and the last of what is used is free again; 0 where nothing is used. */
  readonly nextFree: number
  readonly allFree: number
  readonly bySort: ReadonlyMap<string, number>
}

export interface BudgetStore {
  take(service: string, request: Request): Promise<Reply>
  /** Answers Redis's time and until when the service is throttled, in it. */
  throttle(service: string, forMs: number): Promise<{ now: number; until: number }>
  look(service: string, perMs: number): Promise<Usage>
}

/** Until when a service asked for no calls, in epoch ms of Redis; absent where it did not. */
export const throttledKey = (kernel: Kernel, service: string): string => kernel.key('budgets', 'throttled', service)

export const createBudgetStore = (kernel: Kernel): BudgetStore => {
  const keysOf = (service: string): string[] => [kernel.key('budgets', 'taken', service), throttledKey(kernel, service)]
  return {
    async take(service, request) {
      const answer = await takeScript(kernel.redis, keysOf(service), argumentsOf(scriptNow(kernel), request))
      const [now, granted, leased, again] = answer as [number, number, number, number]
      return { now, granted, leased, again }
    },
    async throttle(service, forMs) {
      const answer = await throttleScript(kernel.redis, [throttledKey(kernel, service)], [scriptNow(kernel), forMs])
      const [now, until] = answer as [number, number]
      return { now, until }
    },
    async look(service, perMs) {
      return usageOf((await lookScript(kernel.redis, keysOf(service), [scriptNow(kernel), perMs])) as Looked)
    },
  }
}

const argumentsOf = (now: number, request: Request): (string | number)[] => [
  now,
  request.limit,
  request.perMs,
  request.leaseMs,
  request.lease,
  request.number,
  request.back.number,
  request.back.units,
  request.calls,
  request.cost,
  request.wish,
  request.sort,
  ...request.shares.flatMap(({ sort, own }) => [sort, own]),
]

type Looked = [now: number, throttledUntil: number, nextFree: number, allFree: number, ...(string | number)[]]

const usageOf = ([now, throttledUntil, nextFree, allFree, ...sorts]: Looked): Usage => {
  const bySort = new Map<string, number>()
  for (let i = 0; i < sorts.length; i += 2) bySort.set(String(sorts[i]), Number(sorts[i + 1]))
  return { now, throttledUntil, nextFree, allFree, bySort }
}
