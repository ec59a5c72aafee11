// A supervisor with real worker processes on a test's own prefix.
import { setTimeout as wait } from 'node:timers/promises'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import { test as base, testRedisUrl } from '../../test/support/fixtures.ts'
import { createSupervisor } from '../supervisor.ts'
import type { Supervisor, SupervisorOptions } from '../supervisor.ts'

export interface Ward {
  /** A kernel whose clock runs: processes cannot share a stopped one. */
  kernel: Kernel
  bull: Bull
  start(options?: Partial<SupervisorOptions> & { env?: Record<string, string> }): Promise<Supervisor>
  add(name: string, payload?: Record<string, unknown>): Promise<string>
  /** Resolves when the condition holds; throws after 60 s. */
  until(what: string, holds: () => Promise<boolean> | boolean): Promise<void>
  /** How processes ended so far, the asked-for endings included. */
  exits(): Promise<string[]>
}

const PATIENCE_MS = 60_000

export const test = base.extend<{ ward: Ward }>({
  ward: async ({ prefix, kernel: sweeper, dir }, use) => {
    const settings = readSettings({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir, K1N_SHUTDOWN_GRACE_MS: '200' })
    const kernel = createKernel({
      settings,
      role: 'worker',
      log: sweeper.log,
      tag: prefix,
      bullPrefix: `bull-${prefix}`,
    })
    const bull = createBull(kernel)
    const supervisors: Supervisor[] = []
    await use({
      kernel,
      bull,
      async start({ env = {}, ...options } = {}) {
        const supervisor = createSupervisor(kernel, {
          workers: 1,
          worker: new URL('./child.ts', import.meta.url),
          tickMs: 200,
          silentTicksMax: 100,
          restartMs: { min: 20, max: 200 },
          execArgv: ['--max-old-space-size=96', '--disable-warning=ExperimentalWarning'],
          ...options,
          env: { ...inherited(), ...settingsAsEnv(dir, prefix), ...env },
        })
        supervisors.push(supervisor)
        await supervisor.start()
        return supervisor
      },
      async add(name, payload = {}) {
        const job = await bull.queue('ward').add(name, payload, { attempts: 5, backoff: { type: 'k1n' } })
        return job.id ?? ''
      },
      until,
      async exits() {
        const entries = await createEventLog(kernel).readAfter('0-0', 1_000)
        return entries
          .filter(({ name }) => name === 'worker.offline')
          .map(({ data }) => (JSON.parse(data) as { exit: string }).exit)
      },
    })
    await Promise.all(supervisors.map((supervisor) => supervisor.stop()))
    await bull.close()
    await kernel.close()
  },
})

export const settingsAsEnv = (dir: string, prefix: string) => ({
  REDIS_URL: testRedisUrl(),
  K1N_DATA_DIR: dir,
  K1N_TEST_TAG: prefix,
  K1N_CONCURRENCY: '20',
  K1N_SHUTDOWN_GRACE_MS: '200',
  K1N_LOG_LEVEL: 'error',
})

const inherited = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('K1N_') && name !== 'NODE_OPTIONS'),
  )

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  const end = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come about that ${what}`)
    await wait(20)
  }
}

export { describe, expect } from '../../test/support/fixtures.ts'
