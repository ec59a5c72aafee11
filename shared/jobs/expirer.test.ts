// What is promised of jobs that must start in time: one that did not never starts, ends as expired, and everybody hears of it.
import { JobExpired } from './events.ts'
import { expireAll } from './expirer.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { toIso } from '../kernel/clock.ts'
import { expect, input, problemOf, test } from '../../test/support/rooms.ts'

const never = new AbortController().signal
const mail = (options: object) => input({ name: 'mail.send', data: { to: 'x' }, options })

test('a job that nobody started in time ends as expired: shown, listed, explained, and no dead letter', async ({
  jobs,
  kernel,
  bull,
  clock,
  explain,
  dlq,
  me,
}) => {
  const { job } = await jobs.enqueue(me, mail({ ttl_ms: 5_000 }))
  expect(job).toMatchObject({ state: 'waiting', expires_at: toIso(clock.now() + 5_000) })
  const address = await jobs.find(me, job.id)
  await clock.advance(4_999)
  expect(await expireAll(kernel, bull, ['mail'], never)).toBe(0)
  await clock.advance(1)
  expect(await expireAll(kernel, bull, ['mail'], never)).toBe(1)
  expect(await jobs.show(me, address)).toMatchObject({
    ...{ state: 'expired', dlq_id: null, processed_at: null, finished_at: toIso(clock.now()) },
    why: 'Was not started in time, and will not be.',
  })
  const listed = await jobs.list(me, { limit: 10, sort: '-created_at', state: ['expired'] } as never)
  expect(listed.data.map(({ id }) => id)).toEqual([job.id])
  for (const state of ['failed', 'cancelled'])
    expect((await jobs.list(me, { limit: 10, sort: '-created_at', state: [state] } as never)).data).toEqual([])
  expect(await explain.show(me, job.id)).toMatchObject({ cause: 'expired', is: 'ended' })
  expect((await dlq.list(me, { limit: 10 })).data).toEqual([])
  expect(await jobs.result(address, 0)).toMatchObject({ done: true, body: { state: 'expired' } })
  expect((await problemOf(jobs.cancel(me, address))).code).toBe('job-not-in-state')
})

test('wherever it waits: in line, by priority, for a time, in a queue that is paused', async ({
  jobs,
  queues,
  kernel,
  bull,
  clock,
  me,
}) => {
  await queues.pause(me, 'mail')
  const expires_at = toIso(clock.now() + 5_000)
  for (const options of [{}, { priority: 'high' }, { delay_ms: 4_000 }, { dedup: { id: 'once' } }])
    await jobs.enqueue(me, mail({ ...options, expires_at }))
  await clock.advance(5_000)
  expect(await expireAll(kernel, bull, ['mail'], never)).toBe(4)
  expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ waiting: 0, prioritized: 0, delayed: 0, failed: 4 })
  // What was kept to one is free for another.
  const again = await jobs.enqueue(me, mail({ dedup: { id: 'once' } }))
  expect(again.created).toBe(true)
})

test(
  'thousands expire at once while nobody works, among others that do not',
  { timeout: 60_000 },
  async ({ jobs, kernel, bull, clock, me }) => {
    for (let slice = 0; slice < 4; slice++)
      await jobs.enqueueMany(me, {
        atomic: true,
        jobs: Array.from({ length: 1_000 }, (_, n) => mail(n % 2 === 0 ? { ttl_ms: 1_000 } : {})),
      })
    await clock.advance(1_000)
    expect(await expireAll(kernel, bull, ['mail'], never)).toBe(2_000)
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ waiting: 2_000, failed: 2_000 })
    expect(await kernel.redis.zcard(bull.keys('mail').expiries)).toBe(0)
  },
)

test('it is told once, with the moment it had to start by', async ({ jobs, kernel, bull, clock, log, me }) => {
  const { job } = await jobs.enqueue(me, mail({ ttl_ms: 5_000 }))
  await clock.advance(5_000)
  await expireAll(kernel, bull, ['mail'], never)
  const told = async () =>
    (await log.readAfter('0-0', 1_000))
      .filter(({ name }) => name === JobExpired.name || name === 'job.failed' || name === 'job.cancelled')
      .map(({ name, data }) => ({ fact: name, ...(JSON.parse(data) as object) }))
  await createRecorder(kernel, bull).catchUp()
  expect(await told()).toEqual([
    expect.objectContaining({
      ...{ fact: 'job.expired', task_id: job.id, queue: 'mail', state: 'expired', expires_at: job.expires_at },
    }),
  ])
})

test('one that was tried again by hand shall run, however late it is', async ({ jobs, kernel, bull, clock, me }) => {
  const { job } = await jobs.enqueue(me, mail({ ttl_ms: 5_000 }))
  const address = await jobs.find(me, job.id)
  await clock.advance(5_000)
  await expireAll(kernel, bull, ['mail'], never)
  expect((await jobs.retry(me, address, { resetAttempts: true })).state).toBe('waiting')
  await bull.noteExpiry(address, clock.now())
  expect(await expireAll(kernel, bull, ['mail'], never)).toBe(0)
})

test('a refused job with the id of another does not end that one', async ({ jobs, kernel, bull, clock, me }) => {
  await jobs.enqueue(me, { ...mail({}), id: 'a' })
  await problemOf(jobs.enqueue(me, { ...mail({ ttl_ms: 1_000 }), id: 'a' }))
  await clock.advance(2_000)
  expect(await expireAll(kernel, bull, ['mail'], never)).toBe(0)
  expect(await bull.stateOf([{ queue: 'mail', id: 't_a' }])).toEqual(['waiting'])
})

test('a moment that makes no sense is refused by its name', async ({ jobs, foreign, clock, me }) => {
  await foreign('orders').add('x', {})
  const theirs = input({ name: 'x', queue: 'orders', options: { ttl_ms: 1_000 } })
  const asked = [
    [mail({ ttl_ms: 1_000, delay_ms: 1_000 }), '#/options/ttl_ms'],
    [mail({ expires_at: toIso(clock.now()) }), '#/options/expires_at'],
    [theirs, '#/options/ttl_ms'],
  ] as const
  for (const [job, pointer] of asked)
    expect(await problemOf(jobs.enqueue(me, job))).toMatchObject({ extras: { errors: [{ pointer }] } })
})

test('a queue whose keys somebody broke is told of, and keeps no job of another from its end', async ({
  jobs,
  kernel,
  bull,
  clock,
  logged,
  me,
}) => {
  await jobs.enqueue(me, mail({ ttl_ms: 1_000 }))
  await kernel.redis.set(bull.keys('reports').expiries, 'no set')
  await clock.advance(1_000)
  expect(await expireAll(kernel, bull, ['reports', 'mail'], never)).toBe(1)
  expect(logged).toContainEqual(expect.objectContaining({ level: 'warn', queue: 'reports' }))
})
