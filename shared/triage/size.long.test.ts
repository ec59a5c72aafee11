// Triage at size: a million dead letters of fifty causes are fifty groups, however they came to be known, and cost little.
import { Queue, UnrecoverableError, Worker } from 'bullmq'
import { describe, expect, test as base } from 'vitest'
import { causes, fillDead } from '../../scripts/bench/dead.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { person } from '../../test/support/rooms.ts'
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { readSettings } from '../kernel/config.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { DlqGroupQuery } from './contract.ts'
import { createTriage } from './triage.ts'
import type { Triage } from './triage.ts'

const COUNT = 1_000_000
/** Deaths that the recorder sees happen, beside those that lie there before it comes. */
const SEEN = 20_000
const DAY_MS = 24 * 60 * 60 * 1_000
const LEASE_MS = 600_000

interface Own {
  kernel: Kernel
  bull: Bull
  triage: Triage
  /** Memory that Redis uses, in bytes. */
  used: () => Promise<number>
}

/** A Redis of its own: the memory of this one is measured. */
const test = base.extend<{ own: Own }>({
  own: async ({}, use) => {
    const server = await startTestRedis({ appendonly: false })
    const kernel = createKernel({
      settings: readSettings({ REDIS_URL: server.url, K1N_LOG_LEVEL: 'error' }),
      role: 'worker',
    })
    const bull = createBull(kernel)
    const used = async () => Number(/^used_memory:(\d+)/m.exec(await kernel.redis.info('memory'))?.[1])
    await use({ kernel, bull, triage: createTriage(kernel, bull), used })
    await bull.close()
    await kernel.close()
    await server.stop()
  },
})

const me = person()
const groupsOf = async (triage: Triage) => {
  const { data } = await triage.list(me, DlqGroupQuery.parse({ limit: 200, sort: '-open' }))
  return new Map(data.map(({ id, title, open }) => [id, { title, open }]))
}

/** Tells of deaths that lie there, as BullMQ does when they happen. */
const tell = async ({ kernel, bull }: Own, queue: string): Promise<void> => {
  const ids = await kernel.redis.zrange(bull.keys(queue).failed, 0, -1)
  for (let at = 0; at < ids.length; at += 1_000) {
    const pipeline = kernel.redis.pipeline()
    for (const id of ids.slice(at, at + 1_000))
      pipeline.xadd(bull.keys(queue).events, '*', 'event', 'failed', 'jobId', id, 'failedReason', '', 'prev', 'active')
    await pipeline.exec()
  }
}

describe('a million dead letters', () => {
  test(
    'of fifty causes are fifty groups, take 15 % more memory at most, and are the same fifty when indexed again',
    {
      timeout: 900_000,
    },
    async ({ own }) => {
      const { kernel, bull, triage, used } = own
      const [from, stepMs] = [Date.now() - 7 * DAY_MS, (6 * DAY_MS) / COUNT]
      const before = await used()
      for (const [first, queue] of ['inbox', 'outbox'].entries())
        await fillDead(kernel, { queue, first: first * COUNT, count: (COUNT - SEEN) / 2, from, stepMs })
      await createRecorder(kernel, bull, { leaseMs: LEASE_MS }).catchUp()
      await fillDead(kernel, { queue: 'seen', first: 2 * COUNT, count: SEEN, from, stepMs })
      await tell(own, 'seen')
      await createRecorder(kernel, bull, { leaseMs: LEASE_MS }).catchUp()
      const groups = await groupsOf(triage)
      expect(groups.size).toBe(causes.length)
      expect([...groups.values()].map(({ open }) => open)).toEqual(causes.map(() => COUNT / causes.length))

      const whole = await used()
      for (const queue of ['inbox', 'outbox', 'seen']) await kernel.redis.del(kernel.key('triage', 'entries', queue))
      const alone = await used()
      expect((whole - alone) / (alone - before)).toBeLessThan(0.15)

      await triage.rebuild(['inbox', 'outbox', 'seen'])
      await createRecorder(kernel, bull, { leaseMs: LEASE_MS }).catchUp()
      expect(await groupsOf(triage)).toEqual(groups)
    },
  )
})

describe('a running recorder', () => {
  test(
    'shows a new cause within two seconds of the death',
    { timeout: 60_000 },
    async ({ own: { kernel, bull, triage } }) => {
      const recorder = createRecorder(kernel, bull)
      const queue = new Queue('live', { connection: kernel.redis, prefix: kernel.bullPrefix })
      const url = kernel.settings.REDIS_URL
      await queue.add('first', {})
      await bull.discover()
      await recorder.start()
      let died = Infinity
      const worker = new Worker('live', () => Promise.reject(new UnrecoverableError('never seen before')), {
        connection: { url, maxRetriesPerRequest: null },
        prefix: kernel.bullPrefix,
      })
      worker.on('error', () => undefined)
      worker.on('failed', () => (died = Math.min(died, performance.now())))
      let group
      while (group === undefined) {
        group = (await triage.list(me, DlqGroupQuery.parse({}))).data[0]
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(group).toMatchObject({ title: 'never seen before', state: 'new', open: 1 })
      expect(performance.now() - died).toBeLessThan(2_000)
      await worker.close()
      await queue.close()
      await recorder.stop()
    },
  )
})
