// Whether this process lives, is ready and is well.
import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { SKEW_MAX_MS, skewOf } from '../kernel/skew.ts'
import type { Health as HealthSchema } from './contract.ts'
import { createDurability } from './durability.ts'
import type { Durability } from './durability.ts'
import { createMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { createVersionUses } from './version-use.ts'
import type { VersionUses } from './version-use.ts'

export type Health = z.output<typeof HealthSchema>

/** Redis that takes longer to answer a ping is not ready for requests, in ms. */
const PING_MS = 100

export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

type Seen = Pick<NonNullable<Health['checks']>[string][number], 'status' | 'observedValue' | 'observedUnit' | 'output'>

export interface System {
  readonly durability: Durability
  readonly memory: Memory
  readonly versionUses: VersionUses
  /** Ready means Redis answers within 100 ms, the clock differs from that of Redis by 500 ms at most, and the process is not stopping.
   *  `details` adds what each check saw. */
  health(details: boolean): Promise<{ ok: boolean; health: Health }>
  /** From now on the process is not ready, so that balancers send requests elsewhere. */
  stopping(): void
  readonly isStopping: boolean
}

/** What Redis said: after how long, and how far this machine's clock is ahead of it. */
interface Answer {
  ms: number
  skewMs: number
}

const ask = async ({ redis }: Kernel, now: () => number): Promise<Answer | undefined> => {
  const began = performance.now()
  let timer: NodeJS.Timeout | undefined
  // One more turn after the time is up: when it was this process that was busy, the answer lies there already.
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), PING_MS)
  })
  const told = skewOf(redis, now).then(
    // A Redis that has just come back tells the time before it takes anything else.
    (skewMs) => (redis.status === 'ready' ? { ms: performance.now() - began, skewMs } : undefined),
    () => undefined,
  )
  const result = await Promise.race([told, late])
  clearTimeout(timer)
  return result
}

/** `now` is this machine's clock, which times of jobs are made with. */
export const createSystem = (kernel: Kernel, now = () => Date.now()): System => {
  const durability = createDurability(kernel)
  let stopping = false
  const checksOf = (answer: Answer | undefined): NonNullable<Health['checks']> => {
    const time = toIso(kernel.clock.now())
    return {
      'redis:responseTime': [{ componentType: 'datastore', time, ...responseTime(answer) }],
      'clock:skew': [{ componentType: 'system', time, ...skew(answer) }],
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
    memory: createMemory(kernel),
    versionUses: createVersionUses(kernel),
    async health(details) {
      const answer = await ask(kernel, now)
      const ok = answer !== undefined && isInTime(answer) && !stopping
      const status = !ok ? 'fail' : durability.warnings.length > 0 ? 'warn' : 'pass'
      const health: Health = { status, version: VERSION, releaseId: VERSION, durability: durability.level }
      return { ok, health: details ? { ...health, checks: checksOf(answer) } : health }
    },
    stopping() {
      stopping = true
    },
    get isStopping() {
      return stopping
    },
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10

const responseTime = (answer: Answer | undefined): Seen =>
  answer === undefined
    ? { status: 'fail', output: `no answer within ${PING_MS} ms` }
    : { status: 'pass', observedValue: tenths(answer.ms), observedUnit: 'ms' }

const isInTime = ({ skewMs }: Answer): boolean => Math.abs(skewMs) <= SKEW_MAX_MS

const skew = (answer: Answer | undefined): Seen => {
  if (answer === undefined) return { status: 'warn', output: 'Redis did not say what time it is' }
  const seen = { observedValue: tenths(answer.skewMs), observedUnit: 'ms' }
  if (isInTime(answer)) return { status: 'pass', ...seen }
  return {
    status: 'fail',
    ...seen,
    output: `this clock differs from that of Redis by more than ${SKEW_MAX_MS} ms: set it`,
  }
}
