// A worker process from the outside: orders it obeys, jobs it puts back, locks it loses, signs of life it gives.
import { AsyncFifoQueue, Worker } from 'bullmq'
import type { WorkerOptions } from 'bullmq'
import { onTestFinished, vi } from 'vitest'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { attemptLogKey } from '../shared/attempts/facts.ts'
import type { AttemptFact } from '../shared/attempts/facts.ts'
import { done } from '../shared/catalog/handler.ts'
import type { Handlers } from '../shared/catalog/handler.ts'
import { giveOrder, ordersKey } from '../shared/workers/orders.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import { Few } from './lean.ts'
import { createWorkerProcess } from './process.ts'
import type { WorkerProcess } from './process.ts'
import { wardCatalog, wardHandlers } from './testing/catalog.ts'
import { expect, test as base } from './testing/ward.ts'

interface Given {
  /** Starts a worker process within this one, under a name. */
  open: (
    name: string,
    bullmq?: Partial<WorkerOptions>,
    patient?: Handlers<typeof wardCatalog>['patient'],
  ) => Promise<WorkerProcess>
  facts: () => Promise<AttemptFact[]>
}

const test = base.extend<Given>({
  open: async ({ ward, prefix, dir }, use) => {
    const opened: (() => Promise<void>)[] = []
    await use(async (workerId, bullmq, patient = wardHandlers.patient) => {
      const settings = readSettings({ REDIS_URL: ward.kernel.settings.REDIS_URL, K1N_DATA_DIR: dir })
      const kernel = createKernel({
        settings,
        role: 'worker',
        log: ward.kernel.log,
        tag: prefix,
        bullPrefix: `bull-${prefix}`,
      })
      const handlers = { ...wardHandlers, patient }
      const options = { workerId, catalog: wardCatalog, handlers, onHang: () => undefined }
      const worker = createWorkerProcess(kernel, { ...options, ...(bullmq ? { bullmq } : {}) })
      opened.push(async () => {
        await worker.stop(0)
        await kernel.close()
      })
      await worker.start()
      return worker
    })
    for (const close of opened) await close()
  },
  facts: async ({ ward }, use) =>
    use(async () =>
      (await ward.kernel.redis.xrange(attemptLogKey(ward.kernel), '-', '+')).map(
        ([, fields]) => JSON.parse(fields[1] ?? '') as AttemptFact,
      ),
    ),
})

test('a fleet waits for delayed jobs to the millisecond', async ({ open }) => {
  const ready = vi.spyOn(Worker.prototype, 'waitUntilReady')
  onTestFinished(() => ready.mockRestore())
  await open('one')
  // In seconds. A worker that does not know its Redis waits in whole ones.
  const shortest = ready.mock.contexts.map((worker) => Reflect.get(worker as object, 'minimumBlockTimeout') as unknown)
  expect(new Set(shortest)).toEqual(new Set([0.001]))
})

const runs = (worker: WorkerProcess) => () => worker.fleet.running('ward') === 1

test('a running job is cancelled from another process', async ({ ward, open, facts }) => {
  const [one, two] = [await open('w_one'), await open('w_two')]
  const id = await ward.add('patient')
  await ward.until('it runs', () => one.fleet.running() + two.fleet.running() === 1)
  await giveOrder(ward.kernel, { op: 'cancel', queue: 'ward', id, reason: 'ordered twice' })
  await ward.until('it has ended', async () => (await ward.bull.stateOf([{ queue: 'ward', id }]))[0] === 'failed')
  const [raw] = await ward.bull.readRaw([{ queue: 'ward', id }])
  expect(raw).toMatchObject({ cancelled: 'ordered twice', failedReason: 'cancelled: ordered twice', reason: undefined })
  expect(await facts()).toMatchObject([{ id, outcome: 'cancelled', reason: 'ordered twice' }])
})

test('orders that make no sense are ignored', async ({ ward, open }) => {
  const worker = await open('w_one')
  const id = await ward.add('patient')
  await ward.until('it runs', runs(worker))
  for (const message of [
    '',
    '{',
    'null',
    '[]',
    '{"op":"explode"}',
    JSON.stringify({ op: 'cancel', queue: 'ward', id: 'other' }),
  ])
    await ward.kernel.redis.xadd(ordersKey(ward.kernel), '*', 'order', message)
  await ward.kernel.redis.xadd(ordersKey(ward.kernel), '*', 'other', 'fields')
  await giveOrder(ward.kernel, { op: 'cancel', queue: 'ward', id })
  await ward.until(
    'only the last was obeyed',
    async () => (await ward.bull.stateOf([{ queue: 'ward', id }]))[0] === 'failed',
  )
})

test.for([false, true])(
  'a process that stops puts its job back at once and burns no attempt (deaf to its signal: %s)',
  async (deaf, { ward, open, facts }) => {
    const worker = await open('w_leaving')
    const id = await ward.add('patient', { deaf })
    await ward.until('it runs', runs(worker))
    await worker.stop(10)
    expect(await ward.bull.stateOf([{ queue: 'ward', id }])).toEqual(['waiting'])
    expect((await ward.bull.readRaw([{ queue: 'ward', id }]))[0]).toMatchObject({ attemptsMade: 0, stalledCounter: 0 })
    expect(await facts()).toMatchObject([{ outcome: 'snoozed', delay_ms: 0, reason: 'the worker stops' }])

    const other = await open('w_other')
    await ward.until('another process has it', runs(other))
    expect((await ward.bull.readRaw([{ queue: 'ward', id }]))[0]).toMatchObject({ processedBy: 'w_other' })
  },
)

test('a process that stops lets jobs finish in their time', async ({ ward, open }) => {
  const worker = await open('w_leaving')
  const id = await ward.add('innocent', { takes_ms: 300 })
  await ward.until('it runs', runs(worker))
  await worker.stop(10_000)
  expect(await ward.bull.stateOf([{ queue: 'ward', id }])).toEqual(['completed'])
})

test('a process that stops does not wait for what goes on elsewhere, but lets it write down how far it is', async ({
  ward,
  open,
}) => {
  const worker = await open('w_leaving')
  const id = await ward.add('pilgrim', {})
  await ward.until('it runs', runs(worker))
  await worker.stop(60_000)
  const address = { queue: 'ward', id }
  expect(await ward.bull.stateOf([address])).toEqual(['waiting'])
  expect((await ward.bull.readRaw([address]))[0]).toMatchObject({ attemptsMade: 0 })
  expect((await ward.bull.queue('ward').getJobLogs(id)).logs).toEqual(['this far'])
})

test.for<[string, number]>([
  ['when it would be renewed', 600],
  ['when its process is given the job again, where that comes first', 60_000],
])(
  'an attempt hears that its lock was lost %s, and what it comes to counts for nothing',
  async ([, lockDuration], { ward, open, facts }) => {
    const heard: unknown[] = []
    const patient: Handlers<typeof wardCatalog>['patient'] = async ({ signal, fence }) => {
      if (fence > 1) return done(null)
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      return done(null)
    }
    const listening: typeof patient = async (context) => {
      context.signal.addEventListener('abort', () => heard.push((context.signal.reason as Error).name))
      return patient(context)
    }
    const worker = await open('w_slow', { lockDuration, stalledInterval: 300 }, listening)
    const id = await ward.add('patient')
    await ward.until('it runs', runs(worker))
    await ward.kernel.redis.del(ward.bull.keys('ward').lock(id))
    await ward.until('it ran again', async () => (await ward.bull.stateOf([{ queue: 'ward', id }]))[0] === 'completed')
    expect(heard).toEqual(['LockLost'])
    expect(await facts()).toEqual([])
    expect((await ward.bull.readRaw([{ queue: 'ward', id }]))[0]).toMatchObject({ attemptsStarted: 2, attemptsMade: 1 })
  },
)

test('it is in the registry with what it works on', async ({ ward, open }) => {
  const worker = await open('w_known')
  await ward.add('patient')
  await ward.until('it runs', runs(worker))
  const registry = createRegistry(ward.kernel)
  await ward.until('it is listed', async () => (await registry.list()).length === 1)
  expect((await registry.list())[0]).toMatchObject({ id: 'w_known', pid: process.pid, slots: { ward: 50 } })
})

test('the loops of a worker process wait in a few', async ({ open }) => {
  const added = vi.spyOn(AsyncFifoQueue.prototype, 'add')
  onTestFinished(() => added.mockRestore())
  await open('w_lean')
  expect(added.mock.contexts[0]).toHaveProperty('pending', expect.any(Few))
})

test('what was said of others leaves before a handler that nobody knows yet', async ({ ward, open }) => {
  const sent = vi.spyOn(Object.getPrototypeOf(ward.kernel.redis) as { sendNow(): void }, 'sendNow')
  onTestFinished(() => sent.mockRestore())
  let before = 0
  await open('w_polite', {}, () => {
    before = sent.mock.calls.length
    return Promise.resolve(done(null))
  })
  await ward.add('patient')
  await ward.until('it ran', () => before > 0)
  expect(sent.mock.contexts[0]).not.toBe(ward.kernel.redis)
})

test('a job whose time to start has passed never starts, and ends as expired', async ({ ward, open, facts }) => {
  const queue = ward.bull.queue('ward')
  const late = { k1n: { expires_at: Date.now() - 1 } } as object
  const early = { k1n: { expires_at: Date.now() + 60_000 } } as object
  await queue.add('innocent', { takes_ms: 1 }, { jobId: 't_late', ...late })
  await queue.add('innocent', { takes_ms: 1 }, { jobId: 't_early', ...early })
  await open('w_one')
  await ward.until('both have ended', async () => (await ward.bull.counts(['ward'])).get('ward')?.completed === 1)
  await ward.until('the late one too', async () => (await queue.getFailedCount()) === 1)
  const job = await queue.getJob('t_late')
  expect(job?.failedReason).toBe('expired: it was not started in time')
  expect(await ward.kernel.redis.hget(ward.bull.keys('ward').job('t_late'), 'k1nCancelled')).toBe('\u0000expired')
  expect(await facts()).toEqual([])
})
