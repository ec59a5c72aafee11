// How much each principal may ask for: counted in Redis for all processes together, and in each by itself while Redis is away.
import type { Redis } from 'ioredis'
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import { createFleet } from './fleet.ts'
import { createFloor } from './floor.ts'
import { standingOf } from './policy.ts'
import type { Standing } from './policy.ts'
import { createStore } from './store.ts'
import type { Ask } from './store.ts'
import { allowanceOf, dearest } from './tiers.ts'
import type { Allowance } from './tiers.ts'

/** Units that were counted for a request. */
export interface Taken extends Standing {
  /** Gives them back: the request they were for was refused as a whole. Never waited for. */
  giveBack(): void
}

export interface Limits extends Service {
  /** Counts units for a request, at most half a minute's worth, where they fit; `refusedBy` says where not, and then nothing is
   *  counted. Undefined for principals that are not limited. Never rejects, and answers within some 50 ms. */
  take(principal: Principal, units: number): Promise<Taken> | undefined
  /** Where a principal stands; counts nothing. */
  look(principal: Principal): Promise<Standing> | undefined
  /** How often a request was counted without Redis, since this process began. */
  readonly degraded: number
  /** How many processes serve the API, as far as was last heard. */
  readonly processes: number
}

/** How often it is told that Redis cannot be asked, in ms. */
const TELL_EVERY_MS = 10_000
/** How long the start waits for the connection, in ms; without it the first requests would be counted alone. */
const CONNECT_MS = 1_000

/** What is asked of a count that nobody has. */
const NOTHING: Allowance = { perMinute: 1, burst: 1, perDay: 1 }

/** A key and the sessions opened with it spend from one: otherwise signing in would be a way to ask for more. */
const idOf = ({ kind, id }: Principal): string => `${kind === 'session' ? 'key' : kind}:${id}`

export const createLimits = (kernel: Kernel): Limits => {
  let connection: Redis | undefined
  // Of its own: one that waits for Redis to come back would keep every request waiting.
  const redis = (): Redis => (connection ??= kernel.connect('limiter', 'k1n-limits'))
  const fleet = createFleet(kernel, redis)
  const store = createStore(kernel, redis)
  const floor = createFloor(kernel.clock, () => fleet.size)
  let degraded = 0
  let toldAt = -Infinity
  const tell = (error: unknown): void => {
    degraded++
    const now = kernel.clock.now()
    if (now - toldAt < TELL_EVERY_MS) return
    toldAt = now
    kernel.log.warn('limits are counted by each process alone', { error: (error as Error).message, degraded })
  }
  const alone = (ask: Ask): Standing => {
    const { count, allowance } = floor.ask(ask)
    return standingOf(allowance, count, false)
  }
  const stand = async (ask: Ask): Promise<Standing> => {
    try {
      return standingOf(ask.allowance, await store.ask(ask), true)
    } catch (error) {
      tell(error)
      return alone(ask)
    }
  }
  const undo = (ask: Ask, { second, isShared }: Standing): void => {
    const back = { ...ask, units: -ask.units, second }
    if (isShared) store.ask(back).catch(() => undefined)
    else floor.ask(back)
  }
  return {
    name: 'limits',
    take(principal, units) {
      const allowance = allowanceOf(principal)
      if (!allowance) return undefined
      const ask = { id: idOf(principal), allowance, units: Math.min(units, dearest(allowance)) }
      return stand(ask).then((standing) => ({ ...standing, giveBack: () => undo(ask, standing) }))
    },
    look(principal) {
      const allowance = allowanceOf(principal)
      return allowance && stand({ id: idOf(principal), allowance, units: 0 })
    },
    get degraded() {
      return degraded
    },
    get processes() {
      return fleet.size
    },
    async start() {
      await connected(redis())
      // Teaches Redis the script, which takes longer than a request is to wait.
      await store.ask({ id: 'nobody', allowance: NOTHING, units: 0 }).catch(() => undefined)
      await fleet.start()
    },
    async stop() {
      await fleet.stop()
    },
  }
}

const connected = (redis: Redis): Promise<void> =>
  new Promise((resolve) => {
    if (redis.status === 'ready') return resolve()
    const timer = setTimeout(resolve, CONNECT_MS)
    redis.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
