// Steering real worker processes: what a pause and a shutdown wait for, and what is said where they wait in vain.
import { createEventLog } from '../shared/stream/log.ts'
import { createOperations, createRunner } from '../shared/operations/operations.ts'
import type { Operation } from '../shared/operations/words.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import { tellSilent } from '../shared/workers/silence.ts'
import { workerTurns } from '../shared/workers/turns.ts'
import { createWorkers } from '../shared/workers/workers.ts'
import type { Workers } from '../shared/workers/workers.ts'
import { person, problemOf } from '../test/support/rooms.ts'
import type { Supervisor } from './supervisor.ts'
import { expect, test as base } from './testing/ward.ts'

interface Given {
  workers: Workers
  /** Waits until an operation has ended. */
  over: (begun: Promise<Operation>) => Promise<Operation>
  /** A supervisor with one process, and the name of that. */
  crew: { supervisor: Supervisor; id: string; pid: number }
}

const me = person()

const test = base.extend<Given>({
  workers: async ({ ward }, use) => {
    const registry = createRegistry(ward.kernel)
    const kinds = workerTurns({ kernel: ward.kernel, registry })
    const operations = createOperations(ward.kernel, { bull: ward.bull, kinds })
    await use(createWorkers(ward.kernel, { registry, operations }))
    await operations.close()
  },
  over: async ({ ward }, use) => {
    const operations = createOperations(ward.kernel, { bull: ward.bull, kinds: [] })
    await use(async (begun) => {
      const { id } = await begun
      let shown = await operations.show(me, id)
      await ward.until('the operation has ended', async () => {
        shown = await operations.show(me, id)
        return shown.finished_at !== null
      })
      return shown
    })
  },
  crew: async ({ ward }, use) => {
    const supervisor = await ward.start()
    const [worker] = supervisor.workers()
    await use({ supervisor, id: worker?.id ?? '', pid: worker?.pid ?? 0 })
  },
})

const runsA = (workers: Workers, id: string) => async (): Promise<boolean> =>
  (await workers.show(me, id)).active.length > 0

test('a worker says what it is and what it runs', async ({ ward, crew, workers }) => {
  await ward.bull.queue('ward').add('patient', {}, { jobId: 't_1' })
  await ward.until('it tells of the job', runsA(workers, crew.id))
  const [worker] = await workers.list(me)
  expect(worker).toMatchObject({
    ...{ id: crew.id, pid: crew.pid, state: 'running', queues: ['ward'], running: 1 },
    active: [{ task_id: 'ward:t_1', queue: 'ward', name: 'patient' }],
  })
  expect(worker?.rss_bytes).toBeGreaterThan(1e6)
  expect(worker?.event_loop_lag_ms).toBeGreaterThanOrEqual(0)
  expect(worker?.concurrency).toBe(worker?.slots['ward'])
})

test('a pause ends when what ran has ended; nothing is fetched until it is resumed', async ({
  ward,
  crew,
  workers,
  over,
}) => {
  const queue = ward.bull.queue('ward')
  await queue.add('innocent', { takes_ms: 1_500 }, { jobId: 't_1' })
  await ward.until('it runs', async () => (await queue.getActiveCount()) === 1)
  expect(await over(workers.pause(me, crew.id))).toMatchObject({ kind: 'worker.pause', status: 'succeeded' })
  expect(await queue.getCompletedCount()).toBe(1)
  expect((await workers.show(me, crew.id)).state).toBe('paused')
  await queue.add('innocent', { takes_ms: 1 }, { jobId: 't_2' })
  expect(await over(workers.resume(me, crew.id))).toMatchObject({ kind: 'worker.resume', status: 'succeeded' })
  await ward.until('the other is done', async () => (await queue.getCompletedCount()) === 2)
})

test('a pause in vain says how many jobs still run', async ({ ward, crew, workers, over }) => {
  const queue = ward.bull.queue('ward')
  await queue.add('patient', {}, { jobId: 't_1' })
  await ward.until('it runs', async () => (await queue.getActiveCount()) === 1)
  expect(await over(workers.pause(me, crew.id, 500))).toMatchObject({
    status: 'failed',
    reason: 'It fetches no more, but one job still runs.',
  })
})

test('a shutdown lets jobs end, puts back what does not, and no other takes its place', async ({
  ward,
  crew,
  workers,
  over,
}) => {
  const queue = ward.bull.queue('ward')
  await queue.add('innocent', { takes_ms: 1_000 }, { jobId: 't_ends' })
  await queue.add('patient', {}, { jobId: 't_stays' })
  await ward.until('both run', async () => (await queue.getActiveCount()) === 2)
  expect(await over(workers.shutdown(me, crew.id, 2_500))).toMatchObject({ status: 'succeeded' })
  expect(await ward.bull.stateOf([{ queue: 'ward', id: 't_ends' }])).toEqual(['completed'])
  expect(await ward.bull.stateOf([{ queue: 'ward', id: 't_stays' }])).toEqual(['waiting'])
  expect(crew.supervisor.workers()).toEqual([])
  expect(await createRegistry(ward.kernel).howEnded(crew.id)).toMatchObject({ exit: 'shut down', by_itself: false })
  const told = await createEventLog(ward.kernel).readAfter('0-0', 50)
  expect(told.filter(({ name }) => name === 'worker.offline').map(({ data }) => JSON.parse(data) as unknown)).toEqual([
    expect.objectContaining({ worker_id: crew.id, exit: 'shut down' }),
  ])
})

test('a worker that has ended, one nobody knows, and one of other queues are refused with what to do', async ({
  ward,
  crew,
  workers,
}) => {
  await crew.supervisor.stop()
  const ended = await problemOf(workers.pause(me, crew.id))
  expect(ended).toMatchObject({ code: 'worker-ended', message: expect.stringContaining('has ended') as string })
  expect((await problemOf(workers.show(me, crew.id))).code).toBe('worker-not-found')
  expect((await problemOf(workers.shutdown(me, 'w_nobody-1-ab'))).code).toBe('worker-not-found')
  const now = ward.kernel.clock.now()
  await createRegistry(ward.kernel).beat({
    ...{ id: 'w_mixed-1-ab', host: 'h', pid: 1, version: '1', slots: { ward: 1, other: 1 }, running: 0 },
    ...{ started_at: now, last_seen_at: now, last_fetch_at: null, rss_bytes: 1 },
  })
  const limited = person({ queues: ['ward'] })
  expect((await problemOf(workers.pause(limited, 'w_mixed-1-ab'))).code).toBe('resource-forbidden')
  expect((await workers.show(limited, 'w_mixed-1-ab')).queues).toEqual(['ward'])
  expect((await problemOf(workers.show(person({ queues: ['mail'] }), 'w_mixed-1-ab'))).code).toBe('worker-not-found')
})

test('one that falls silent is told once, listed as silent, and cannot be steered', async ({ ward, workers }) => {
  const { kernel } = ward
  const now = kernel.clock.now()
  await createRegistry(kernel).beat({
    ...{ id: 'w_gone-1-ab', host: 'far', pid: 1, version: '1', slots: { ward: 1 }, running: 0 },
    ...{ started_at: now, last_seen_at: now, last_fetch_at: null, rss_bytes: 1 },
  })
  const log = createEventLog(kernel)
  expect(await tellSilent(kernel, log)).toEqual([])
  await kernel.redis.del(kernel.key('workers', 'info', 'w_gone-1-ab'))
  expect(await tellSilent(kernel, log)).toEqual(['w_gone-1-ab'])
  expect(await tellSilent(kernel, log)).toEqual([])
  expect(await workers.list(me)).toMatchObject([{ id: 'w_gone-1-ab', state: 'silent' }])
  expect((await problemOf(workers.resume(me, 'w_gone-1-ab'))).message).toContain('far')
})

test('an order to a worker outlives whoever was asked for it: another process goes on', async ({
  ward,
  crew,
  over,
}) => {
  const { kernel, bull } = ward
  const registry = createRegistry(kernel)
  const kinds = workerTurns({ kernel, registry })
  const asked = createOperations(kernel, { bull, kinds })
  const begun = await createWorkers(kernel, { registry, operations: asked }).pause(me, crew.id)
  await asked.close()
  await createRunner(kernel, kinds).run(begun.id, new AbortController().signal)
  expect(await over(Promise.resolve(begun))).toMatchObject({ status: 'succeeded' })
})
