// Every cause, staged with real BullMQ on a real Redis, by workers of k1n and of others: the one real reason must be named.
import { FlowProducer } from 'bullmq'
import type { Job } from 'bullmq'
import type { Bull, BullState } from '../bullmq/bullmq.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { done, permanent, snooze } from '../catalog/handler.ts'
import type { Handlers } from '../catalog/handler.ts'
import { systemClock } from '../kernel/clock.ts'
import { createKernel } from '../kernel/kernel.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { holdQueue } from '../services/held.ts'
import { createWorkerProcess } from '../../workers/process.ts'
import type { WorkerProcess } from '../../workers/process.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { describe, expect, input, problemOf, saysOf, test as rooms, testCatalog } from '../../test/support/rooms.ts'
import { readSettings } from '../kernel/config.ts'
import { Explanation } from './contract.ts'
import type { Cause } from './words.ts'

type Send = Handlers<typeof testCatalog>['mail.send']

interface Given {
  /** Adds a job to `mail` and answers its address. */
  add: (id: string, options?: object) => Promise<string>
  /** The explanation as the API would answer it. */
  of: (address: string) => Promise<Explanation>
  /** Its cause and those behind it. */
  causes: (address: string) => Promise<Cause[]>
  /** A worker process of k1n within this one. */
  own: (send: Send, options?: { concurrency?: number; catalog?: typeof testCatalog }) => Promise<WorkerProcess>
  /** A job another service's worker runs until the test is over. */
  busy: (queue?: string, options?: object) => Promise<void>
}

const test = rooms.extend<Given>({
  add: async ({ jobs, me }, use) =>
    use(async (id, options = {}) => {
      const job = { name: 'mail.send', data: { to: 'x' }, id, options }
      return (await jobs.enqueue(me, input(job))).job.id
    }),
  of: async ({ explain, clock, me }, use) =>
    use(async (address) => {
      // Who is connected is asked for every five seconds only.
      await clock.advance(5_000)
      return Explanation.parse(await explain.show(me, address))
    }),
  causes: async ({ of }, use) =>
    use(async (address) => {
      const { cause, further } = await of(address)
      return [cause, ...further.map((reason) => reason.cause)]
    }),
  own: async ({ kernel, prefix, dir }, use) => {
    const closing: (() => Promise<void>)[] = []
    await use(async (send, { concurrency = 2, catalog = testCatalog } = {}) => {
      const settings = readSettings({ REDIS_URL: kernel.settings.REDIS_URL, K1N_DATA_DIR: dir })
      const theirs = createKernel({
        settings,
        role: 'worker',
        clock: systemClock,
        log: kernel.log,
        tag: prefix,
        bullPrefix: `bull-${prefix}`,
      })
      const handlers: Handlers<typeof testCatalog> = { 'mail.send': send, 'report.build': () => done({}) }
      const options = { workerId: `w_test-${prefix}`, catalog, handlers, concurrency, onHang: () => undefined }
      const worker = createWorkerProcess(theirs, options)
      closing.push(async () => {
        await worker.stop(0)
        await theirs.close()
      })
      await worker.start()
      return worker
    })
    for (const close of closing) await close()
  },
  busy: async ({ bull, foreign, work }, use) => {
    let release = (): void => undefined
    const over = new Promise<void>((resolve) => (release = resolve))
    await use(async (queue = 'mail', options = {}) => {
      work(queue, () => over, options)
      const job = await (bull.isOwn(queue) ? bull.queue(queue) : foreign(queue)).add('long', {})
      await inState(bull, queue, [job.id], 'active')
    })
    release()
  },
})

/** Looks again and again until it is so; each look is a round trip, nothing sleeps. */
const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
/** Waits until BullMQ has jobs of a queue in this state. */
const inState = (bull: Bull, queue: string, ids: readonly (string | undefined)[], state: BullState): Promise<void> =>
  until(async () => {
    const states = await bull.stateOf(ids.map((id) => ({ queue, id: id ?? '' })))
    return states.every((one) => one === state)
  })
const figure = ({ evidence }: Pick<Explanation, 'evidence'>, name: string) =>
  evidence.find((one) => one.name === name)?.value

describe('a queue that hands out nothing', () => {
  test('queue_paused: who paused it, why and since when', async ({ add, of, queues, me }) => {
    const id = await add('a')
    await queues.pause(me, 'mail', 'provider is down')
    const explained = await of(id)
    expect(explained).toMatchObject({
      cause: 'queue_paused',
      is: 'waiting',
      estimate: { sure: 'unknown', at: null },
      remedy: 'Resume the queue.',
      further: [{ cause: 'no_worker' }],
    })
    expect(explained.says).toMatch(/^The queue mail is paused by Ada since 20.*: provider is down\.$/)
    expect([figure(explained, 'paused_by'), figure(explained, 'pause_reason')]).toEqual(['Ada', 'provider is down'])
  })

  test("queue_paused: by BullMQ's own means, with a worker there", async ({ causes, foreign, work }) => {
    const queue = foreign('theirs')
    await work('theirs', async () => 1).waitUntilReady()
    await queue.pause()
    const { id = '' } = await queue.add('x', {})
    expect(await causes(`theirs:${id}`)).toEqual(['queue_paused'])
  })

  test('no_worker', async ({ add, of }) => {
    expect(await of(await add('a'))).toMatchObject({
      cause: 'no_worker',
      says: 'No worker takes jobs from mail.',
      remedy: 'Start a worker for mail.',
      further: [],
    })
  })

  test('no_worker: they were there and have gone', async ({ add, causes, work }) => {
    const worker = work('mail', async () => 1)
    const first = saysOf(worker, 'completed', 't_a')
    await add('a')
    await first
    const b = async (): Promise<string> => add('b')
    await worker.close()
    expect(await causes(await b())).toEqual(['no_worker'])
  })

  test('no_worker_for_name: workers of k1n are there and none has a handler for it', async ({ of, own, bull, add }) => {
    const worker = await own(() => new Promise(() => undefined), { concurrency: 1 })
    await add('busy')
    await until(() => worker.fleet.running('mail') === 1)
    const { id = '' } = await bull.queue('mail').add('mail.recall', {}, { jobId: 'unknown' })
    const explained = await of(`mail:${id}`)
    expect(explained).toMatchObject({ cause: 'no_worker_for_name', further: [{ cause: 'slots_busy' }] })
    expect(explained.says).toContain('none has a handler for mail.recall')
  })

  test('no_worker_for_name is not said where another service works too', async ({ bull, causes, own, busy }) => {
    await busy('mail')
    const worker = await own(() => new Promise(() => undefined), { concurrency: 1 })
    await bull.queue('mail').add('mail.send', { to: 'x' })
    await until(() => worker.fleet.running('mail') === 1)
    const { id = '' } = await bull.queue('mail').add('mail.recall', {})
    expect(await causes(`mail:${id}`)).toEqual(['slots_busy'])
  })

  test('queue_concurrency: the queue runs no more at once, although slots are free', async ({ of, foreign, busy }) => {
    const queue = foreign('theirs')
    await queue.setGlobalConcurrency(1)
    await busy('theirs', { concurrency: 5 })
    const { id = '' } = await queue.add('x', {})
    const explained = await of(`theirs:${id}`)
    expect(explained.cause).toBe('queue_concurrency')
    expect([figure(explained, 'concurrency'), figure(explained, 'active')]).toEqual([1, 1])
  })

  test("rate_limit: the queue's own", async ({ of, foreign, work, bull }) => {
    const queue = foreign('theirs')
    await queue.setGlobalRateLimit(2, 60_000)
    work('theirs', async () => 1, { concurrency: 5 })
    const [first, second, third, fourth] = await queue.addBulk(
      Array.from({ length: 4 }, () => ({ name: 'x', data: {} })),
    )
    await inState(bull, 'theirs', [first?.id, second?.id], 'completed')
    const explained = await of(`theirs:${third?.id ?? ''}`)
    expect(explained).toMatchObject({ cause: 'rate_limit', estimate: { sure: 'exact' } })
    expect([figure(explained, 'started'), figure(explained, 'max')]).toEqual([2, 2])
    expect(explained.estimate?.in_ms).toBeGreaterThan(50_000)
    expect(explained.estimate?.in_ms).toBeLessThanOrEqual(60_000)
    expect(await of(`theirs:${fourth?.id ?? ''}`)).toMatchObject({
      cause: 'rate_limit',
      further: [{ cause: 'in_line' }],
    })
  })

  test("rate_limit: a worker's own, which is stored nowhere", async ({ of, foreign, work, bull }) => {
    const queue = foreign('theirs')
    work('theirs', async () => 1, { limiter: { max: 1, duration: 60_000 } })
    const [first, second] = await queue.addBulk(Array.from({ length: 2 }, () => ({ name: 'x', data: {} })))
    await inState(bull, 'theirs', [first?.id], 'completed')
    const explained = await of(`theirs:${second?.id ?? ''}`)
    expect(explained.cause).toBe('rate_limit')
    expect([figure(explained, 'started'), figure(explained, 'max')]).toEqual([1, undefined])
  })

  test('rate_limit: a queue that was told to rest', async ({ of, foreign, work }) => {
    const queue = foreign('theirs')
    await queue.rateLimit(60_000)
    await work('theirs', async () => 1, { limiter: { max: 1e6, duration: 1_000 } }).waitUntilReady()
    const { id = '' } = await queue.add('x', {})
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'rate_limit', estimate: { sure: 'exact' } })
  })

  test('parked: its workers stopped fetching for the service', async ({ add, of, kernel, clock, work }) => {
    const id = await add('a')
    const held = { service: 'smtp', cause: 'breaker', reason: 'breaker smtp open, probe in 18 s' } as const
    await work('other', async () => 1).waitUntilReady()
    await holdQueue(kernel, 'mail', { ...held, until: clock.now() + 18_000 })
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'parked_breaker', state: 'parked', estimate: { sure: 'not_before' } })
    expect([figure(explained, 'service'), figure(explained, 'waiting')]).toEqual(['smtp', 1])
  })

  test('redis_full: Redis refuses every write', async ({ dir }) => {
    const redis = await startTestRedis({ appendonly: false })
    const settings = readSettings({ REDIS_URL: redis.url, K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', tag: 'full', bullPrefix: 'bull' })
    const { createBull } = await import('../bullmq/bullmq.ts')
    const { createExplain } = await import('./explain.ts')
    const { createJobs } = await import('../jobs/jobs.ts')
    const { createRegistry } = await import('../workers/registry.ts')
    const { person } = await import('../../test/support/rooms.ts')
    const bull = createBull(kernel)
    try {
      const { id = '' } = await bull.queue('mail').add('mail.send', { to: 'x' })
      await kernel.redis.config('SET', 'maxmemory', '1mb')
      const jobs = createJobs(kernel, { bull, catalog: testCatalog })
      const explain = createExplain(kernel, { bull, registry: createRegistry(kernel), jobs })
      const explained = await explain.show(person(), `mail:${id}`)
      expect(explained).toMatchObject({ cause: 'redis_full', further: [{ cause: 'no_worker' }] })
      expect(figure(explained, 'max_bytes')).toBe(1_048_576)
    } finally {
      await bull.close()
      await kernel.close()
      await redis.stop()
    }
  })
})

describe('a job in line', () => {
  test('slots_busy: it is next and every slot is taken', async ({ add, of, own }) => {
    const worker = await own(() => new Promise(() => undefined), { concurrency: 2 })
    for (const id of ['a', 'b']) await add(id)
    await until(() => worker.fleet.running('mail') === 2)
    const explained = await of(await add('c'))
    expect(explained).toMatchObject({ cause: 'slots_busy', says: 'All 2 slots of mail are busy.', further: [] })
    expect([figure(explained, 'active'), figure(explained, 'slots')]).toEqual([2, 2])
    expect(explained.estimate).toMatchObject({ sure: 'unknown' })
  })

  test("slots_busy: another service's workers, of whose slots nothing is known", async ({ of, foreign, busy }) => {
    await busy('theirs')
    const { id = '' } = await foreign('theirs').add('x', {})
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'slots_busy',
      says: 'The workers of theirs are busy with 1 job.',
    })
  })

  test('in_line and priority: how many run before it, and how long that takes at the measured rate', async ({
    add,
    of,
    bull,
    kernel,
    busy,
    foreign,
    work,
  }) => {
    const worker = work('mail', async () => 1)
    const [first, second] = await foreign('mail').addBulk(Array.from({ length: 2 }, () => ({ name: 'x', data: {} })))
    await inState(bull, 'mail', [first?.id, second?.id], 'completed')
    await worker.close()
    await createRecorder(kernel, bull).catchUp()
    await busy('mail')
    for (const id of ['a', 'b', 'c']) await add(id)
    await add('urgent', { priority: 1 })
    const last = await of(await add('later', { priority: 9 }))
    expect(last).toMatchObject({ cause: 'priority', further: [{ cause: 'slots_busy' }] })
    expect([figure(last, 'ahead'), figure(last, 'priority')]).toEqual([4, 9])
    const third = await of('mail:t_c')
    expect(third).toMatchObject({ cause: 'in_line', says: 'Waits behind 2 jobs in mail.', estimate: { sure: 'rough' } })
    // Two jobs ended within the last two to three minutes.
    expect(third.estimate?.in_ms).toBeGreaterThan(150_000)
    expect(third.estimate?.in_ms).toBeLessThan(300_000)
  })

  test('a job whose parent or child failed it beforehand says that it will fail', async ({
    of,
    kernel,
    bull,
    queues,
    me,
  }) => {
    const { id = '' } = await bull.queue('mail').add('mail.send', {})
    await queues.pause(me, 'mail')
    await kernel.redis.hset(bull.keys('mail').job(id), 'defa', 'child bull:mail:x failed')
    expect((await of(`mail:${id}`)).further.at(-1)).toMatchObject({ cause: 'child_failed' })
  })
})

describe('a job that waits for its time', () => {
  test('delayed', async ({ add, of, busy }) => {
    await busy('mail')
    const explained = await of(await add('a', { delay_ms: 3_600_000 }))
    expect(explained).toMatchObject({ cause: 'delayed', estimate: { sure: 'exact' }, further: [] })
    expect(explained.estimate?.in_ms).toBeGreaterThan(3_590_000)
    expect(explained.says).toBe('Waits for its time; it may run in 1 h.')
  })

  test('delayed, and nobody is there to run it then', async ({ add, of }) => {
    expect(await of(await add('a', { delay_ms: 3_600_000 }))).toMatchObject({
      cause: 'delayed',
      estimate: { sure: 'not_before' },
      further: [{ cause: 'no_worker' }],
    })
  })

  test('a delayed job whose time has come waits for what all others wait for', async ({
    foreign,
    causes,
    queues,
    me,
  }) => {
    const queue = foreign('theirs')
    const { id = '' } = await queue.add('x', {}, { delay: 1 })
    await queues.pause(me, 'theirs')
    await until(async () => (await causes(`theirs:${id}`))[0] !== 'delayed')
    expect(await causes(`theirs:${id}`)).toEqual(['queue_paused', 'no_worker'])
  })

  test('backing_off: which attempt failed with what, and when it is tried next', async ({
    add,
    of,
    bull,
    own,
    kernel,
  }) => {
    await own(() => Promise.reject(new TypeError('no route')))
    const id = await add('a', { backoff: { type: 'fixed', delay_ms: 600_000, jitter: 'none' } })
    await inState(bull, 'mail', ['t_a'], 'delayed')
    await createRecorder(kernel, bull).catchUp()
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'backing_off', estimate: { sure: 'exact' } })
    expect(explained.says).toBe('Attempt 1 of 4 failed with TypeError: no route; the next try is in 10 min.')
    expect(figure(explained, 'error')).toBe('TypeError')
    expect(figure(explained, 'failed_at')).toBeDefined()
  })

  test("backing_off: another service's worker", async ({ of, foreign, work, bull }) => {
    work('theirs', () => Promise.reject(new RangeError('too far')))
    const options = { attempts: 3, backoff: { type: 'fixed', delay: 600_000 } }
    const { id = '' } = await foreign('theirs').add('x', {}, options)
    await inState(bull, 'theirs', [id], 'delayed')
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'backing_off',
      says: 'Attempt 1 of 3 failed with RangeError: too far; the next try is in 10 min.',
    })
  })

  test('put_off: its handler said not now, also after an attempt that failed', async ({
    add,
    of,
    bull,
    own,
    kernel,
  }) => {
    let starts = 0
    await own(() => {
      if (++starts === 1) throw new Error('once')
      return snooze('1h', 'mailbox busy')
    })
    const id = await add('a', { backoff: { type: 'fixed', delay_ms: 0, jitter: 'none' } })
    await until(async () => starts === 2 && (await bull.stateOf([{ queue: 'mail', id: 't_a' }]))[0] === 'delayed')
    await createRecorder(kernel, bull).catchUp()
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'put_off', estimate: { sure: 'exact' } })
    expect(explained.says).toContain('(mailbox busy)')
  })

  test.for(['breaker', 'budget', 'concurrency', 'retry_budget'] as const)(
    'parked: its service lets nobody in (%s)',
    async (cause, { add, of, bull, kernel }) => {
      const id = await add('a', { delay_ms: 60_000 })
      const park = { service: 'smtp', cause, until: Date.now() + 60_000, since: Date.now(), ats: 0, reason: 'not now' }
      await kernel.redis.hset(bull.keys('mail').job('t_a'), 'k1nPark', JSON.stringify(park))
      const explained = await of(id)
      expect(explained).toMatchObject({
        cause: `parked_${cause}`,
        state: 'parked',
        says: 'Waits for smtp, which costs no attempt: not now.',
        estimate: { sure: 'not_before' },
      })
      expect(figure(explained, 'service')).toBe('smtp')
    },
  )
})

describe('a job that waits for its children', () => {
  const flowOf = async (kernel: { bullPrefix: string; settings: { REDIS_URL: string } }, children: object[]) => {
    const flow = new FlowProducer({ connection: { url: kernel.settings.REDIS_URL }, prefix: kernel.bullPrefix })
    const tree = await flow.add({
      name: 'parent',
      queueName: 'parents',
      children: children.map((opts, n) => ({ name: 'child', queueName: 'children', data: { n }, opts })),
    })
    await flow.close()
    return tree
  }

  test('children: how many and which', async ({ kernel, of }) => {
    const { job, children = [] } = await flowOf(kernel, [{}, {}, {}])
    const explained = await of(`parents:${job.id ?? ''}`)
    expect(explained).toMatchObject({ cause: 'children', state: 'waiting_children', further: [] })
    expect(explained.says).toBe('Waits for 3 of its 3 child jobs.')
    const named = explained.evidence.filter(({ name }) => name === 'child').map(({ value }) => value)
    expect(named.sort()).toEqual(children.map((child) => `children:${child.job.id ?? ''}`).sort())
  })

  test('child_failed: the one it waits for in vain is named', async ({ kernel, of, work }) => {
    const { job, children = [] } = await flowOf(kernel, [{ jobId: 'dies' }, { jobId: 'lives', delay: 3_600_000 }])
    const worker = work('children', () => Promise.reject(new Error('no')))
    await saysOf(worker, 'failed', 'dies')
    const explained = await of(`parents:${job.id ?? ''}`)
    expect(children).toHaveLength(2)
    expect(explained).toMatchObject({ cause: 'child_failed', further: [{ cause: 'children' }] })
    expect(explained.says).toContain('children:dies')
  })
})

describe('a job a worker took', () => {
  const take = async (worker: { getNextJob: (token: string, how: object) => Promise<Job | undefined> }) => {
    const job = await worker.getNextJob('token', { block: false })
    if (!job) throw new Error('there was no job to take')
  }

  test('running', async ({ add, of, own }) => {
    const worker = await own(() => new Promise(() => undefined))
    const id = await add('a')
    await until(() => worker.fleet.running('mail') === 1)
    expect(await of(id)).toMatchObject({ cause: 'running', is: 'running', state: 'active', estimate: null })
  })

  test('running: at another service', async ({ of, busy, bull }) => {
    await busy('theirs')
    const [id = ''] = await bull
      .queue('theirs')
      .getBackend()
      .client.then(async (redis) => redis.lrange(bull.keys('theirs').active, 0, 0))
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'running' })
  })

  test('stalled: the process of k1n that has it ended, as its supervisor saw', async ({ add, of, work, registry }) => {
    const id = await add('a')
    await take(work('mail', async () => 1, { autorun: false, name: 'w_gone-1-a' }))
    await registry.ended('w_gone-1-a', { exit: 'signal SIGKILL', by_itself: false, at: Date.now() })
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'stalled', is: 'waiting', estimate: { sure: 'not_before' } })
    expect(explained.says).toContain('ended (signal SIGKILL) but still holds it')
    expect(explained.estimate?.in_ms).toBeGreaterThan(20_000)
  })

  test('stalled: the process of k1n that has it is silent', async ({ add, of, work, kernel }) => {
    const id = await add('a')
    await take(work('mail', async () => 1, { autorun: false, name: 'w_frozen-1-a' }))
    await kernel.redis.zadd(kernel.key('workers', 'seen'), Date.now() - 20_000, 'w_frozen-1-a')
    expect((await of(id)).says).toContain('has been silent for 20 s')
  })

  test('stalled: the worker of another service that has it is gone', async ({ of, foreign, work, causes }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    const worker = work('theirs', async () => 1, { autorun: false, name: 'one' })
    await worker.waitUntilReady()
    await take(worker)
    expect(await causes(`theirs:${id}`)).toEqual(['running'])
    await work('theirs', async () => 1, { autorun: false, name: 'two' }).waitUntilReady()
    await worker.close(true)
    const explained = await of(`theirs:${id}`)
    expect(explained).toMatchObject({ cause: 'stalled', remedy: null })
    expect(explained.says).toContain('worker one is gone but still holds it')
  })

  test('lock_lost: nobody holds it, and workers will put it back', async ({ of, foreign, work, bull, kernel }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    await take(work('theirs', async () => 1, { autorun: false, lockDuration: 20, skipLockRenewal: true }))
    await until(async () => (await kernel.redis.exists(bull.keys('theirs').lock(id))) === 0)
    const explained = await of(`theirs:${id}`)
    expect(explained).toMatchObject({ cause: 'lock_lost', is: 'waiting', remedy: null })
    expect(explained.says).toContain('when they next look for stalled jobs')
  })

  test('lock_lost: nobody holds it, and nobody is there to put it back', async ({
    of,
    foreign,
    work,
    bull,
    kernel,
  }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    const worker = work('theirs', async () => 1, { autorun: false, lockDuration: 20, skipLockRenewal: true })
    await take(worker)
    await worker.close(true)
    await until(async () => (await kernel.redis.exists(bull.keys('theirs').lock(id))) === 0)
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'lock_lost',
      remedy: 'Start a worker for theirs.',
      estimate: { sure: 'unknown' },
    })
  })
})

describe('a job that is over', () => {
  test('completed and failed', async ({ add, of, own, bull }) => {
    await own(({ payload }) => {
      if (payload.n === undefined) return done({})
      throw permanent(new Error('no such mailbox'))
    })
    const id = await add('a')
    const { id: dead = '' } = await bull.queue('mail').add('mail.send', { to: 'x', n: 1 }, { jobId: 'dead' })
    const a = { queue: 'mail', id: 't_a' }
    await until(async () => (await bull.stateOf([a, { queue: 'mail', id: dead }])).join() === 'completed,failed')
    expect(await of(id)).toMatchObject({ cause: 'completed', is: 'ended', estimate: null, further: [] })
    const failed = await of(`mail:${dead}`)
    expect(failed).toMatchObject({ cause: 'failed', is: 'ended', state: 'failed' })
    expect(failed.says).toContain('with an error no further try can mend: no such mailbox')
  })

  test('cancelled before it started, of which only the record is left', async ({ add, of, jobs, me }) => {
    const id = await add('a')
    await jobs.cancel(me, { queue: 'mail', id: 't_a' }, 'sold out')
    expect(await of(id)).toMatchObject({
      cause: 'cancelled',
      says: 'Was cancelled by Ada: sold out',
      state: 'cancelled',
    })
  })

  test('removed by retention, without a word', async ({ of, foreign, work, kernel, bull }) => {
    work('theirs', async () => 1)
    const { id = '' } = await foreign('theirs').add('x', {}, { removeOnComplete: true })
    await inState(bull, 'theirs', [id], 'missing')
    await kernel.redis.zadd(recentJobsKey(kernel), Date.now(), `theirs:${id}`)
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'removed', is: 'ended', name: null, state: 'unknown' })
  })

  test('never heard of', async ({ explain, me }) => {
    expect((await problemOf(explain.show(me, 'mail:t_nobody'))).code).toBe('task-not-found')
    expect((await problemOf(explain.show({ ...me, queues: ['other'] }, 'mail:t_nobody'))).code).toBe('task-not-found')
  })

  test('in_no_list: a broken operation left its data', async ({ add, of, kernel, bull }) => {
    const id = await add('a')
    await kernel.redis.lrem(bull.keys('mail').wait, 1, 't_a')
    expect(await of(id)).toMatchObject({ cause: 'in_no_list', state: 'unknown', is: 'waiting' })
  })
})
