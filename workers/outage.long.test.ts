// An outage as a whole: 50,000 jobs, four worker processes, and a service that is down for twenty seconds.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createBull } from '../shared/bullmq/bullmq.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { expect, test, testRedisUrl } from '../test/support/fixtures.ts'
import { OPEN_MS, PROBES } from './testing/outage.ts'

const JOBS = 50_000
const PROCESSES = 4
const UP_MS = 20_000
const DOWN_MS = 20_000
/** How long the service takes for a call: with 80 slots about 800 calls a second. */
const TAKES_MS = 100

/** A service that can be down, and knows when it was called. */
const createService = async () => {
  const service = { isUp: true, calls: [] as number[], port: 0, close: () => Promise.resolve() }
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    createInterface({ input: socket }).on('line', () => {
      service.calls.push(Date.now())
      setTimeout(() => socket.writable && socket.write(service.isUp ? 'ok\n' : 'no\n'), TAKES_MS)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  service.port = (server.address() as AddressInfo).port
  service.close = () => new Promise((resolve) => server.close(() => resolve()))
  return service
}

test(
  'keeps the calls to the service to its probes, fails no job, and brings the service back at a pace',
  { timeout: 300_000 },
  async ({ prefix, dir }) => {
    const settings = readSettings({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', tag: prefix, bullPrefix: `bull-${prefix}` })
    const bull = createBull(kernel)
    const queue = bull.queue('outage')
    const service = await createService()
    for (let n = 0; n < JOBS; n += 1_000)
      await queue.addBulk(
        Array.from({ length: 1_000 }, (_, k) => ({
          name: 'outage.call',
          data: {},
          opts: { jobId: `t_${n + k}`, attempts: 5 },
        })),
      )
    const env = { ...process.env, REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir, K1N_TEST_TAG: prefix, K1N_TEST_PORT: String(service.port), K1N_LOG_LEVEL: 'error' } // prettier-ignore
    const children = Array.from(
      { length: PROCESSES },
      (_, n) =>
      fork(new URL('./testing/outage-child.ts', import.meta.url), [`p${n}`], { env, execArgv: ['--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }), // prettier-ignore
    )
    try {
      await wait(UP_MS)
      const between = (from: number, to: number): number => service.calls.filter((at) => at >= from && at < to).length
      const downAt = Date.now()
      const normal = between(downAt - 10_000, downAt) / 10
      service.isUp = false
      await wait(DOWN_MS)
      const upAt = Date.now()
      service.isUp = true
      // What tripped it and was under way when it did, what each process does in a quarter of a second, and the probes.
      const periods = Math.ceil(DOWN_MS / OPEN_MS) + 1
      const allowed = (normal * (2 * TAKES_MS + 100 + 250)) / 1_000 + 80 + PROBES * periods
      const during = between(downAt, upAt)
      expect(during).toBeLessThanOrEqual(allowed)
      const counts = async () => await queue.getJobCounts('completed', 'failed', 'wait', 'delayed', 'active')
      const end = Date.now() + 180_000
      while (((await counts())['completed'] ?? 0) < JOBS && Date.now() < end) await wait(500)
      expect(await counts()).toMatchObject({ completed: JOBS, failed: 0 })
      // The moment it may be probed is at most one open period after the service is up.
      const mayProbeAt = service.calls.find((at) => at > upAt) ?? upAt
      const perSecond = Array.from({ length: 40 }, (_, n) =>
        between(mayProbeAt + n * 1_000, mayProbeAt + (n + 1) * 1_000),
      )
      console.log(JSON.stringify({ normal, during, allowed, waited_ms: mayProbeAt - upAt, perSecond }))
      expect(Math.max(...perSecond)).toBeLessThanOrEqual(2 * normal)
      expect(perSecond.slice(0, 30).some((count) => count >= 0.9 * normal)).toBe(true)
      let extra = 0
      for (let n = 0; n < JOBS; n += 1_000) {
        const jobs = await bull.readRaw(
          Array.from({ length: 1_000 }, (_, k) => ({ queue: 'outage', id: `t_${n + k}` })),
          ['atm'],
        )
        for (const job of jobs) extra += (job?.attemptsMade ?? 0) - 1
      }
      // Parking and probing burned nothing: only calls that really failed before the breaker opened cost an attempt.
      expect(extra).toBeLessThanOrEqual(during)
    } finally {
      await Promise.all(children.map(async (child) => { const gone = once(child, 'exit'); child.kill('SIGTERM'); await gone })) // prettier-ignore
      await service.close()
      await bull.close()
      await kernel.close()
    }
  },
)
