// What a test is given: a kernel of its own on the shared Redis, under a prefix nobody else has, with a stopped clock.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'
import { stoppedClock } from '../../shared/kernel/clock.ts'
import type { StoppedClock } from '../../shared/kernel/clock.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createLog } from '../../shared/kernel/log.ts'
import { testSecretsKey } from './secrets-key.ts'

export interface Fixtures {
  /** Random text that only this test uses in names. */
  prefix: string
  /** A directory that goes with the test. */
  dir: string
  clock: StoppedClock
  /** Everything the kernel logged, as parsed lines. */
  logged: Record<string, unknown>[]
  kernel: Kernel
}

/** The Redis of this run; see `redis-setup.ts`. */
export const testRedisUrl = (): string => {
  const url = process.env.K1N_TEST_REDIS_URL
  if (!url) throw new Error('K1N_TEST_REDIS_URL is not set: run the tests through vitest with its global set-up')
  return url
}

/** Removes every key of a test, in steps that do not hold up the tests beside it. */
export const sweep = async (kernel: Kernel, prefix: string): Promise<void> => {
  let cursor = '0'
  do {
    const [next, keys] = await kernel.redis.scan(cursor, 'MATCH', `*${prefix}*`, 'COUNT', 1_000)
    if (keys.length > 0) await kernel.redis.unlink(...keys)
    cursor = next
  } while (cursor !== '0')
}

export const test = base.extend<Fixtures>({
  prefix: async ({}, use) => use(`t${randomBytes(6).toString('hex')}`),
  dir: async ({}, use) => {
    const dir = mkdtempSync(join(tmpdir(), 'k1n-test-'))
    await use(dir)
    rmSync(dir, { recursive: true, force: true })
  },
  clock: async ({}, use) => use(stoppedClock(Date.now())),
  logged: async ({}, use) => use([]),
  kernel: async ({ prefix, dir, clock, logged }, use) => {
    const settings = readSettings({
      REDIS_URL: testRedisUrl(),
      K1N_DATA_DIR: dir,
      K1N_SECRETS_KEY: testSecretsKey,
    })
    const log = createLog('debug', (line) => logged.push(JSON.parse(line) as Record<string, unknown>))
    const kernel = createKernel({ settings, role: 'worker', clock, log, tag: prefix, bullPrefix: `bull-${prefix}` })
    await use(kernel)
    await sweep(kernel, prefix)
    await kernel.close()
  },
})

export { expect, describe } from 'vitest'
