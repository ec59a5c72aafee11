// An outage as a whole: 50,000 jobs come at an even pace to four worker processes, and their service is down for a while.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { eventLogKey, factsOf } from '../shared/stream/log.ts'
import { expect, test as base, testRedisUrl } from '../test/support/fixtures.ts'
import { OPEN_MS, PROBES, WINDOW } from './testing/outage.ts'

const JOBS = 50_000
const PER_S = 500
const PROCESSES = 4
const UP_MS = 24_000
const DOWN_MS = 20_000
/** How long the service takes for a call. With 200 slots it could be called four times as often as jobs come. */
const TAKES_MS = 100
/** A process stops calling so long after the fleet has opened at the latest. */
const LAG_MS = 250
/** How long calls that ended may be gathered before they are told. */
const GATHER_MS = 100

interface Call {
  at: number
  id: string
  /** Absent while it is under way. */
  succeeded?: boolean
}

interface Downable {
  isUp: boolean
  readonly calls: Call[]
  readonly port: number
}

/** A service that can be down, and knows who called it when. */
const startService = async (): Promise<Downable & { close(): Promise<void> }> => {
  const calls: Call[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    createInterface({ input: socket }).on('line', (id) => {
      const call: Call = { at: Date.now(), id }
      calls.push(call)
      setTimeout(() => {
        call.succeeded = service.isUp
        if (socket.writable) socket.write(service.isUp ? 'ok\n' : 'no\n')
      }, TAKES_MS)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const service = {
    isUp: true,
    calls,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      await once(server, 'close')
    },
  }
  return service
}

interface World {
  kernel: Kernel
  bull: Bull
  service: Downable
}

const test = base.extend<{ world: World }>({
  world: async ({ prefix, dir }, use) => {
    const settings = readSettings({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', tag: prefix, bullPrefix: `bull-${prefix}` })
    const bull = createBull(kernel)
    const service = await startService()
    const env = {
      ...process.env,
      REDIS_URL: testRedisUrl(),
      K1N_DATA_DIR: dir,
      K1N_TEST_TAG: prefix,
      K1N_TEST_PORT: String(service.port),
      K1N_LOG_LEVEL: 'error',
    }
    const children = Array.from({ length: PROCESSES }, (_, n) =>
      fork(new URL('./testing/outage-child.ts', import.meta.url), [`p${n}`], {
        env,
        execArgv: ['--disable-warning=ExperimentalWarning'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    )
    await Promise.all(children.map(readiness))
    await use({ kernel, bull, service })
    await Promise.all(
      children.map(async (child) => {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        await gone
      }),
    )
    await service.close()
    await bull.close()
    await kernel.close()
  },
})

/** Resolves when a worker process takes jobs. */
const readiness = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.on('message', ({ type }: { type: string }) => {
      if (type === 'ready') resolve()
    })
  })

const idOf = (n: number): string => `t_${n}`

/** Adds all jobs, so many a second. */
const feed = async ({ bull }: World): Promise<void> => {
  const began = Date.now()
  for (let added = 0; added < JOBS;) {
    const due = Math.min(JOBS, Math.floor(((Date.now() - began) / 1_000) * PER_S))
    const jobs = Array.from({ length: due - added }, (_, k) => ({
      name: 'outage.call',
      data: {},
      opts: { jobId: idOf(added + k), attempts: 5 },
    }))
    if (jobs.length > 0) await bull.queue('outage').addBulk(jobs)
    added = due
    await wait(50)
  }
}

const counts = async ({ bull }: World): Promise<Record<string, number>> =>
  await bull.queue('outage').getJobCounts('completed', 'failed', 'wait', 'delayed', 'active')

const completed = async (world: World): Promise<void> => {
  const end = Date.now() + 120_000
  while (Date.now() < end) {
    const { completed = 0, failed = 0 } = await counts(world)
    if (completed + failed >= JOBS) return
    await wait(500)
  }
}

/** Attempts that jobs made beyond their first ones. */
const burned = async ({ bull }: World): Promise<number> => {
  let sum = 0
  for (let n = 0; n < JOBS; n += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, k) => ({ queue: 'outage', id: idOf(n + k) }))
    for (const job of await bull.readRaw(addresses, ['name', 'timestamp', 'atm'])) sum += (job?.attemptsMade ?? 0) - 1
  }
  return sum
}

/** When the breaker changed into which state. */
const changes = async ({ kernel }: World): Promise<{ at: number; to: string }[]> => {
  const entries = (await kernel.redis.xrange(eventLogKey(kernel), '-', '+')).flatMap(factsOf)
  return entries
    .filter(({ name }) => name.startsWith('error_recovery.circuit_breaker'))
    .map(({ at, data }) => ({ at, to: (JSON.parse(data) as { to: string }).to }))
}

const stretches = (calls: readonly Call[], from: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => {
    const start = from + n * 1_000
    return calls.filter(({ at }) => at >= start && at < start + 1_000).length
  })

/** The most calls in any second, and when that second ends. */
const peakOf = (calls: readonly Call[]): { count: number; at: number } => {
  let first = 0
  return calls.reduce(
    (most, { at }, last) => {
      while ((calls[first]?.at ?? at) <= at - 1_000) first++
      const count = last - first + 1
      return count > most.count ? { count, at } : most
    },
    { count: 0, at: 0 },
  )
}

test(
  'an outage costs the service what tripped the breaker and its probes, costs no job an attempt, and ends at a pace',
  { timeout: 300_000 },
  async ({ world }) => {
    const { service } = world
    const feeding = feed(world)
    await wait(UP_MS)
    const downAt = Date.now()
    service.isUp = false
    await wait(DOWN_MS)
    const upAt = Date.now()
    service.isUp = true
    await feeding
    await completed(world)

    const { calls } = service
    const normal = calls.filter(({ at }) => at >= downAt - 10_000 && at < downAt).length / 10
    const during = calls.filter(({ at }) => at >= downAt && at < upAt)
    const states = (await changes(world)).filter(({ at }) => at >= downAt)
    const openedAt = states.find(({ to }) => to === 'open')?.at ?? Number.NaN
    const probes = during.filter(({ at }) => at > openedAt + LAG_MS)
    const periods = states.filter(({ at, to }) => to === 'half_open' && at < upAt).length
    const tripping = WINDOW / 2 + (normal * GATHER_MS) / 1_000
    const allowed = tripping + (normal * LAG_MS) / 1_000 + PROBES * periods
    // Probes that failed ended the last open period; the next one ends when the breaker may be probed for good.
    const mayProbeAt = states.find(({ at, to }) => to === 'half_open' && at >= upAt - TAKES_MS)?.at ?? Number.NaN
    const after = calls.filter(({ at }) => at >= mayProbeAt)
    const perSecond = stretches(calls, mayProbeAt, 50)
    const normalAgainS = perSecond.findIndex((count) => count >= 0.9 * normal)
    const peak = peakOf(after)
    const failed = calls.filter(({ succeeded }) => succeeded === false)
    const probesFailed = failed.filter(({ at }) => at > openedAt + LAG_MS).length
    const lost = await burned(world)
    const ended = await counts(world)
    const figures = {
      ...{ normal, during: during.length, allowed, opened_after_ms: openedAt - downAt, periods, probes: probes.length },
      ...{ failed: failed.length, probes_failed: probesFailed, attempts_burned: lost },
      ...{ may_probe_after_ms: mayProbeAt - upAt, normal_again_after_s: normalAgainS },
      ...{ peak: peak.count, peak_after_ms: peak.at - mayProbeAt, per_second: perSecond },
      ended,
    }
    process.stdout.write(`outage: ${JSON.stringify(figures)}\n`)

    expect(ended).toMatchObject({ completed: JOBS, failed: 0 })
    expect(during.length).toBeLessThanOrEqual(allowed)
    expect(probes.length).toBeLessThanOrEqual(PROBES * periods)
    expect(new Set(probes.map(({ id }) => id)).size).toBe(probes.length)
    // Only calls that failed before the breaker opened cost an attempt.
    expect(lost).toBeLessThanOrEqual(failed.length - probesFailed)
    expect(mayProbeAt - upAt).toBeLessThanOrEqual(2 * OPEN_MS)
    expect(normalAgainS).toBeGreaterThanOrEqual(0)
    expect(normalAgainS).toBeLessThan(30)
    expect(peak.count).toBeLessThanOrEqual(2 * normal)
  },
)
