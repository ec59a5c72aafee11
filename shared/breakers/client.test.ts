// A process's view of breakers: from memory while it can be, from the fleet when it must, and alone while Redis is away.
import type { Redis } from 'ioredis'
import type { StoppedClock } from '../kernel/clock.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { ServiceConfig } from '../services/words.ts'
import { createBreakerClient } from './client.ts'
import type { Admitted, BreakerChange, BreakerClient, Permit } from './client.ts'
import { createBreakerStore } from './store.ts'

const config = ServiceConfig.parse({
  breaker: { window: { min_calls: 5 }, open_ms: 30_000, jitter: 0, half_open_max: 2, probe_lease_ms: 20_000 },
})

type Process = BreakerClient & { kernel: Kernel }
interface Fleet {
  /** A process of its own: another connection, another memory. */
  process: () => Promise<Process>
}

const test = base.extend<Fleet>({
  process: async ({ kernel, prefix, clock }, use) => {
    const kernels: Kernel[] = []
    const clients: BreakerClient[] = []
    await use(async () => {
      const { settings, bullPrefix } = kernel
      const own = createKernel({ settings, role: 'worker', clock, tag: prefix, bullPrefix })
      const client = createBreakerClient(own, { configOf: () => config })
      kernels.push(own)
      clients.push(client)
      await client.start()
      return { ...client, kernel: own }
    })
    await Promise.all(clients.map((client) => client.stop()))
    await Promise.all(kernels.map((own) => own.close()))
  },
})

const admitted = (permit: Permit): Admitted => {
  if (permit.admitted) return permit
  throw new Error(`refused: ${permit.reason}`)
}
/** A permit that is there without waiting. */
const atOnce = (answer: Permit | Promise<Permit>): Permit => {
  if (answer instanceof Promise) throw new Error('somebody was asked')
  return answer
}
/** Lets time pass, and what it wakes run, also what is asked of Redis by this process: answers come in order. */
const pass = async (clock: StoppedClock, ms: number, { redis }: Kernel): Promise<void> => {
  await clock.advance(ms)
  for (let i = 0; i < 4; i++) await redis.ping()
}
const call = async (client: BreakerClient, outcome: 'success' | 'failure', times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) admitted(await client.admit('smtp')).report(outcome, 10)
}
const next = (client: BreakerClient, state: string): Promise<BreakerChange> =>
  new Promise((resolve) => {
    const stop = client.onChange((change) => {
      if (change.state !== state) return
      stop()
      resolve(change)
    })
  })
/** A process that has called the service hears that its breaker opens. */
const hears = async (client: BreakerClient): Promise<BreakerChange> => {
  await call(client, 'success')
  return next(client, 'open')
}
const trip = async (client: BreakerClient): Promise<void> => {
  await call(client, 'failure', 5)
  await client.flush()
  expect(client.stateOf('smtp').state).toBe('open')
}

describe('while everything is well', () => {
  test('calls are let through at once, and told to the fleet together', async ({ process, kernel }) => {
    const client = await process()
    await call(client, 'success', 49)
    expect((await createBreakerStore(kernel).circuits(['smtp']))[0]?.slot).toBe(0)
    atOnce(client.admit('smtp'))
    await client.flush()
    const [circuit] = await createBreakerStore(kernel).circuits(['smtp'])
    expect(circuit?.slots.reduce((sum, [, calls]) => sum + calls, 0)).toBe(49)
  })

  test('every 50 calls are told without waiting for the round', async ({ process, kernel }) => {
    const client = await process()
    const told = kernel.connect('worker')
    await told.subscribe(kernel.key('breakers', 'changed'))
    const opened = new Promise((resolve) => told.once('message', resolve))
    await call(client, 'failure', 50)
    await opened
  })

  test('what says nothing about the service is not counted', async ({ process }) => {
    const client = await process()
    for (let i = 0; i < 20; i++) admitted(await client.admit('smtp')).report('ignored', 10)
    await client.flush()
    await call(client, 'failure', 4)
    await client.flush()
    expect(client.stateOf('smtp').state).toBe('closed')
  })

  test('a process without calls asks nothing', async ({ process, clock }) => {
    const client = await process()
    await call(client, 'success')
    expect(clock.sleepers).toBe(1)
    const begun = clock.now()
    // In the end nothing is waiting to ask again.
    while (clock.sleepers > 0) await pass(clock, 100, client.kernel)
    expect(clock.now() - begun).toBeGreaterThanOrEqual(5_000)
    // The first call after that waits for one answer, so that it is not let in by what was true an hour ago.
    expect(client.admit('smtp')).toBeInstanceOf(Promise)
  })
})

describe('when a service fails', () => {
  test('one process trips the breaker and the other refuses', async ({ process }) => {
    const [a, b] = [await process(), await process()]
    await call(b, 'success')
    const heard = next(b, 'open')
    await call(a, 'failure', 9)
    await a.flush()
    await heard
    const refusal = atOnce(b.admit('smtp'))
    expect(refusal).toMatchObject({ admitted: false, state: 'open', reason: 'breaker smtp open, probe in 30 s' })
  })

  test('half-open admits so many probes in the whole fleet, and closes when they are well', async ({
    process,
    clock,
  }) => {
    const [a, b, c] = [await process(), await process(), await process()]
    const open = Promise.all([b, c].map((client) => hears(client)))
    await trip(a)
    await open
    await clock.advance(30_000)
    const permits = await Promise.all([a, b, c, a, b, c].map(async (client) => client.admit('smtp')))
    const probes = permits.filter((permit) => permit.admitted)
    expect(probes).toHaveLength(2)
    expect(probes.every((permit) => permit.probe)).toBe(true)
    expect(permits.find((permit) => !permit.admitted)).toMatchObject({
      state: 'half_open',
      reason: 'breaker smtp half-open, probes are under way',
    })
    const closed = Promise.all([a, b, c].map((client) => next(client, 'closed')))
    for (const probe of probes) probe.report('success', 10)
    await closed
    for (const client of [a, b, c]) expect(atOnce(client.admit('smtp'))).toMatchObject({ admitted: true, probe: false })
  })

  test('a probe that fails opens it for twice as long', async ({ process, clock }) => {
    const client = await process()
    await trip(client)
    await clock.advance(30_000)
    const open = next(client, 'open')
    admitted(await client.admit('smtp')).report('failure', 10)
    expect((await open).untilMs).toBe(clock.now() + 60_000)
  })

  test('a probe whose process died has failed when its lease is over', async ({ process, clock }) => {
    const client = await process()
    await trip(client)
    await clock.advance(30_000)
    admitted(await client.admit('smtp'))
    await clock.advance(20_000)
    const permit = await client.admit('smtp')
    expect(permit).toMatchObject({ admitted: false, state: 'open' })
  })

  test('a claimed probe is used by the job it was taken for, and one that is given back is free', async ({
    process,
    clock,
  }) => {
    const [a, b] = [await process(), await process()]
    const open = hears(b)
    await trip(a)
    await open
    await clock.advance(30_000)
    const first = admitted(await a.claimProbe('smtp'))
    const second = admitted(await a.claimProbe('smtp'))
    expect((await b.claimProbe('smtp')).admitted).toBe(false)
    expect(a.admit('smtp', { probe: 'claimed' })).toBe(first)
    second.release()
    await pass(clock, 200, a.kernel)
    expect(admitted(await b.claimProbe('smtp')).probe).toBe(true)
    expect(b.stateOf('smtp').state).toBe('half_open')
  })

  test('results of an older generation do not count', async ({ process, clock }) => {
    const [a, b] = [await process(), await process()]
    const late = admitted(await b.admit('smtp'))
    const heard = next(b, 'open')
    await trip(a)
    await heard
    late.report('success', 40_000)
    await b.flush()
    await clock.advance(30_000)
    expect(admitted(await b.admit('smtp')).probe).toBe(true)
  })
})

interface Broken {
  redis: Awaited<ReturnType<typeof startTestRedis>>
  own: Kernel
}
const broken = base.extend<Broken>({
  redis: async ({}, use) => {
    const redis = await startTestRedis()
    await use(redis)
    await redis.stop()
  },
  own: async ({ redis, kernel, clock, prefix }, use) => {
    const settings = { ...kernel.settings, REDIS_URL: redis.url }
    const own = createKernel({ settings, role: 'worker', clock, tag: prefix })
    await use(own)
    await own.close()
  },
})

describe('when a push is lost', () => {
  broken('it is made up for within 250 ms', async ({ own, clock, prefix }) => {
    const other = createKernel({ settings: own.settings, role: 'worker', clock, tag: prefix })
    const [a, b] = [own, other].map((kernel) => createBreakerClient(kernel, { configOf: () => config }))
    if (!a || !b) throw new Error('unreachable')
    await Promise.all([a.start(), b.start()])
    await call(b, 'success')
    await b.flush()
    await own.redis.client('KILL', 'TYPE', 'PUBSUB')
    await trip(a)
    expect(atOnce(b.admit('smtp')).admitted).toBe(true)
    const begun = clock.now()
    while (b.stateOf('smtp').state !== 'open') await pass(clock, 10, other)
    expect(clock.now() - begun).toBeLessThanOrEqual(250)
    expect(atOnce(b.admit('smtp')).admitted).toBe(false)
    await Promise.all([a.stop(), b.stop()])
    await other.close()
  })
})

describe('without Redis', () => {
  const gone = (redis: Redis): Promise<void> => new Promise((resolve) => redis.once('close', resolve))
  const back = (redis: Redis): Promise<void> => new Promise((resolve) => redis.once('ready', resolve))

  broken(
    'the last state holds, counting goes on, and the fleet decides again when it is back',
    async ({ redis, own, clock }) => {
      const client = createBreakerClient(own, { configOf: () => config })
      await client.start()
      await call(client, 'success', 3)
      await client.flush()
      const closed = gone(own.redis)
      await redis.kill()
      await closed
      await call(client, 'failure', 4)
      await client.flush()
      expect(client.stateOf('smtp')).toMatchObject({ state: 'closed', local: true })
      await call(client, 'failure', 4)
      await client.flush()
      expect(client.stateOf('smtp')).toMatchObject({ state: 'open', local: true })
      expect(atOnce(client.admit('smtp')).admitted).toBe(false)
      await clock.advance(30_000)
      expect(admitted(await client.admit('smtp')).probe).toBe(true)
      expect((await client.admit('smtp')).admitted).toBe(false)

      const ready = back(own.redis)
      await redis.restart()
      await ready
      const agreed = next(client, 'closed')
      await pass(clock, 100, own)
      expect(await agreed).toMatchObject({ local: false, generation: 0 })
      expect(admitted(await client.admit('smtp')).probe).toBe(false)
      await client.stop()
    },
  )

  broken('a Redis that does not answer is not waited for, and nothing piles up', async ({ redis, own, clock }) => {
    const client = createBreakerClient(own, { configOf: () => config })
    await client.start()
    await call(client, 'success')
    await redis.pause()
    await client.flush()
    for (let i = 0; i < 30; i++) {
      await call(client, 'success', 60)
      await clock.advance(100)
    }
    expect(client.stateOf('smtp')).toMatchObject({ state: 'closed', local: true })
    await redis.resume()
    await client.stop()
  })

  broken('a breaker outlives Redis, with its generation', async ({ redis, own }) => {
    const client = createBreakerClient(own, { configOf: () => config })
    await client.start()
    await trip(client)
    const { generation } = client.stateOf('smtp')
    const ready = back(own.redis)
    await redis.restart()
    await ready
    const [circuit] = await createBreakerStore(own).circuits(['smtp'])
    expect(circuit).toMatchObject({ state: 'open', gen: generation })
    await client.stop()
  })

  broken('a Redis that has lost its newest writes is believed', async ({ own, clock }) => {
    const client = createBreakerClient(own, { configOf: () => config })
    await client.start()
    await trip(client)
    await own.redis.del(...['circuit:smtp', 'states', 'revision'].map((part) => own.key('breakers', part)))
    await pass(clock, 200, own)
    expect(client.stateOf('smtp')).toMatchObject({ state: 'closed', generation: 0, local: false })
    await trip(client)
    await client.stop()
  })
})
