// Whether this process lives, is ready and is well.
import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Health as HealthSchema } from './contract.ts'
import { createDurability } from './durability.ts'
import type { Durability } from './durability.ts'

export type Health = z.output<typeof HealthSchema>

/** Redis that takes longer to answer a ping is not ready for requests, in ms. */
const PING_MS = 100

export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export interface System {
  readonly durability: Durability
  /** Ready means Redis answers within 100 ms and the process is not stopping. `details` adds what each check saw. */
  health(details: boolean): Promise<{ ok: boolean; health: Health }>
  /** From now on the process is not ready, so that balancers send requests elsewhere. */
  stopping(): void
  readonly isStopping: boolean
}

const pingMs = async (kernel: Kernel): Promise<number | undefined> => {
  const began = performance.now()
  let timer: NodeJS.Timeout | undefined
  // One more turn after the time is up: when it was this process that was busy, the answer lies there already.
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), PING_MS)
  })
  const pong = kernel.redis.ping().then(
    () => performance.now() - began,
    () => undefined,
  )
  const result = await Promise.race([pong, late])
  clearTimeout(timer)
  return result
}

export const createSystem = (kernel: Kernel): System => {
  const durability = createDurability(kernel)
  let stopping = false
  const checksOf = (ms: number | undefined): NonNullable<Health['checks']> => {
    const time = toIso(kernel.clock.now())
    const redis =
      ms === undefined
        ? { status: 'fail' as const, output: `no answer within ${PING_MS} ms` }
        : { status: 'pass' as const, observedValue: Math.round(ms * 10) / 10, observedUnit: 'ms' }
    return {
      'redis:responseTime': [{ componentType: 'datastore', time, ...redis }],
      'redis:durability': [
        {
          componentType: 'datastore',
          time,
          status: durability.warnings.length > 0 ? 'warn' : 'pass',
          observedValue: durability.level,
          ...(durability.warnings.length > 0 ? { output: durability.warnings.join(' ') } : {}),
        },
      ],
    }
  }
  return {
    durability,
    async health(details) {
      const ms = await pingMs(kernel)
      const ok = ms !== undefined && !stopping
      const status = !ok ? 'fail' : durability.warnings.length > 0 ? 'warn' : 'pass'
      const health: Health = { status, version: VERSION, releaseId: VERSION, durability: durability.level }
      return { ok, health: details ? { ...health, checks: checksOf(ms) } : health }
    },
    stopping() {
      stopping = true
    },
    get isStopping() {
      return stopping
    },
  }
}
