// What people may rely on when they look for jobs, look at them, and change their course.
import { EventEmitter, once } from 'node:events'
import { vi } from 'vitest'
import { describe, die, expect, input, person, problemOf, saysOf, test } from '../../test/support/rooms.ts'
import { createOrders } from '../workers/orders.ts'

const addressOf = (id: string) => ({ queue: id.slice(0, id.indexOf(':')), id: id.slice(id.indexOf(':') + 1) })

describe('finding a job', () => {
  test('by its address and by its bare id in either spelling', async ({ jobs, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'order-7' }))
    const there = { queue: 'mail', id: 't_order-7' }
    for (const id of ['mail:t_order-7', 'mail:order-7', 't_order-7', 'order-7'])
      expect(await jobs.find(me, id)).toEqual(there)
    expect(await jobs.find(me, 'order-7', 'mail')).toEqual(there)
    expect(await jobs.find(me, 'mail:t_order-7', 'mail')).toEqual(there)
  })

  test('in queues of other services, with ids that hold colons', async ({ jobs, me, foreign, bull }) => {
    const added = await foreign('orders').add('ship', {})
    expect(await jobs.find(me, String(added.id))).toEqual({ queue: 'orders', id: '1' })
    await bull.queue('orders').upsertJobScheduler('nightly', { every: 3_600_000 }, { name: 'ship' })
    const [delayed] = await bull.queue('orders').getDelayed()
    const id =
      delayed?.id ?? (await bull.queue('orders').getWaiting()).find((job) => job.id?.startsWith('repeat:'))?.id ?? ''
    expect(id).toMatch(/^repeat:/)
    expect(await jobs.find(me, `orders:${id}`)).toEqual({ queue: 'orders', id })
    expect(await jobs.find(me, id, 'orders')).toEqual({ queue: 'orders', id })
  })

  test('says which queues are meant when several have the id', async ({ jobs, me, foreign }) => {
    await foreign('one').add('x', {})
    await foreign('two').add('x', {})
    const problem = await problemOf(jobs.find(me, '1'))
    expect([problem.code, problem.status]).toEqual(['ambiguous-task-id', 409])
    expect((problem.extras.members?.['candidates'] as string[] | undefined)?.toSorted()).toEqual(['one:1', 'two:1'])
    expect(await jobs.find(me, '1', 'two')).toEqual({ queue: 'two', id: '1' })
    expect(await jobs.find(person({ queues: ['one'] }), '1')).toEqual({ queue: 'one', id: '1' })
  })

  test('by its address asks Redis nothing before the job is read, and who reads it says that there is none', async ({
    jobs,
    me,
    kernel,
  }) => {
    const asked = vi.spyOn(kernel.redis, 'pipeline')
    const nowhere = await jobs.locate(me, 'mail:t_nobody')
    expect([nowhere, await jobs.locate(me, 't_nobody', 'mail')]).toEqual([
      { queue: 'mail', id: 't_nobody' },
      { queue: 'mail', id: 't_nobody' },
    ])
    expect(asked).not.toHaveBeenCalled()
    asked.mockRestore()
    for (const verb of ['show', 'cancel', 'promote', 'retry', 'skip', 'remove'] as const)
      expect((await problemOf(jobs[verb](me, nowhere))).code).toBe('task-not-found')
    expect((await problemOf(jobs.change(me, nowhere, { priority: 5 }))).code).toBe('task-not-found')
    const limited = person({ queues: ['reports'] })
    expect((await problemOf(jobs.locate(limited, 'mail:t_nobody'))).code).toBe('task-not-found')
    expect((await problemOf(jobs.locate(me, 'mail:nobody'))).code).toBe('task-not-found')
  })

  test('answers 404 for what is missing, foreign or no job, all alike', async ({ jobs, me, foreign }) => {
    await foreign('secret').add('x', {})
    const limited = person({ queues: ['mail'] })
    for (const [who, id] of [
      [me, 'nobody'],
      [me, 'mail:nobody'],
      [me, 'mail:wait'],
      [me, 'mail:meta'],
      [limited, 'secret:1'],
      [limited, '1'],
    ] as const)
      expect((await problemOf(jobs.find(who, id))).code).toBe('task-not-found')
  })
})

describe('the sentence why', () => {
  test('says that nobody works', async ({ jobs, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    expect((await jobs.show(me, { queue: 'mail', id: 't_a' })).why).toBe('No worker takes jobs from mail.')
  })

  test('names the line of waiting jobs', async ({ jobs, me, work }) => {
    const release = new EventEmitter()
    const worker = work('mail', () => once(release, 'go'))
    const first = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await saysOf(worker, 'active', addressOf(first.job.id).id)
    for (const id of ['b', 'c', 'd']) await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id }))
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'e', options: { priority: 5 } }))
    const why = async (id: string) => (await jobs.show(me, { queue: 'mail', id: `t_${id}` })).why
    expect(await why('a')).toMatch(/^Runs at attempt 1 of 4 since /)
    expect(await why('b')).toBe('Is next in mail.')
    expect(await why('c')).toBe('Waits behind 1 job in mail.')
    expect(await why('d')).toBe('Waits behind 2 jobs in mail.')
    expect(await why('e')).toBe('Waits in mail behind 3 jobs that come first by priority.')
    release.emit('go')
  })

  test('says who paused a queue', async ({ jobs, queues, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await queues.pause(me, 'mail', { reason: 'provider is down' })
    expect((await jobs.show(me, { queue: 'mail', id: 't_a' })).why).toMatch(
      /^The queue mail is paused by Ada since 20.*: provider is down\.$/,
    )
  })

  test('says when a failed job is tried next', async ({ jobs, me, work, clock }) => {
    const worker = work('mail', () => Promise.reject(new TypeError('no route')), {
      settings: { backoffStrategy: () => 41_500 },
    })
    const failed = saysOf(worker, 'failed', 't_a')
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await failed
    const job = await jobs.show(me, { queue: 'mail', id: 't_a' })
    expect(job.why).toMatch(/^Attempt 1 of 4 failed with TypeError: no route; the next try is in 4\d s\.$/)
    expect(job).toMatchObject({ state: 'delayed', attempts_made: 1, error: { name: 'TypeError', message: 'no route' } })
    expect(Date.parse(job.run_at ?? '')).toBeGreaterThan(clock.now())
  })
})

test('a payload is only for those who may see it', async ({ jobs, me, work }) => {
  const worker = work('mail', async () => ({ secret: 1 }))
  const completed = saysOf(worker, 'completed', 't_a')
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'secret' }, id: 'a' }))
  await completed
  expect(await jobs.show(me, { queue: 'mail', id: 't_a' })).toMatchObject({
    data: { to: 'secret' },
    result: { secret: 1 },
  })
  const viewer = person({ scopes: ['jobs:read'] })
  expect(await jobs.show(viewer, { queue: 'mail', id: 't_a' })).toMatchObject({
    data: { redacted: true },
    result: { redacted: true },
  })
})

describe('cancelling', () => {
  test('a waiting job ends it at once; it is still found, listed and told', async ({ jobs, me, bull, log }) => {
    const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const answer = await jobs.cancel(me, addressOf(job.id), 'sold out')
    expect(answer).toMatchObject({
      settled: true,
      job: { state: 'cancelled', data: { to: 'x' }, why: 'Was cancelled by Ada: sold out' },
    })
    expect(await bull.stateOf([addressOf(job.id)])).toEqual(['missing'])
    expect(await jobs.find(me, 'a')).toEqual(addressOf(job.id))
    const { data } = await jobs.list(me, { state: ['cancelled'], sort: '-created_at', limit: 10 })
    expect(data.map(({ id, state }) => [id, state])).toEqual([[job.id, 'cancelled']])
    expect((await log.readAfter('0-0', 10)).map(({ name, data: text }) => [name, JSON.parse(text) as unknown])).toEqual(
      [
        [
          'job.cancelled',
          { task_id: job.id, queue: 'mail', name: 'mail.send', state: 'cancelled', reason: 'sold out' },
        ],
      ],
    )
    expect(await jobs.result(addressOf(job.id), 0)).toEqual({ done: true, body: { state: 'cancelled' } })
    expect((await problemOf(jobs.cancel(me, addressOf(job.id)))).code).toBe('job-not-in-state')
  })

  test('a running job of ours is told to its worker; of another service it is refused', async ({
    jobs,
    me,
    work,
    kernel,
  }) => {
    const release = new EventEmitter()
    const ours = work('mail', () => once(release, 'go'), { name: 'w_host-1-abc' })
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await saysOf(ours, 'active', 't_a')
    const orders: unknown[] = []
    const heard = createOrders(kernel, (order) => orders.push(order))
    await heard.start()
    const answer = await jobs.cancel(me, { queue: 'mail', id: 't_a' }, 'stop it')
    expect(answer).toMatchObject({ settled: false, job: { state: 'active' } })
    await expect.poll(() => orders).toEqual([{ op: 'cancel', queue: 'mail', id: 't_a', reason: 'stop it' }])
    await heard.stop()

    const theirs = work('reports', () => once(release, 'go'))
    await jobs.enqueue(me, input({ name: 'report.build', id: 'b' }))
    await saysOf(theirs, 'active', 't_b')
    expect((await problemOf(jobs.cancel(me, { queue: 'reports', id: 't_b' }))).code).toBe('job-locked')
    release.emit('go')
  })

  test('is refused for ended, scheduled and parent jobs', async ({ jobs, me, bull, work, foreign }) => {
    const worker = work('mail', async () => 1)
    const completed = saysOf(worker, 'completed', 't_a')
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await completed
    expect((await problemOf(jobs.cancel(me, { queue: 'mail', id: 't_a' }))).code).toBe('job-not-in-state')

    await foreign('orders').upsertJobScheduler('nightly', { pattern: '0 0 1 1 *' }, { name: 'ship' })
    const [next] = await foreign('orders').getDelayed()
    const owned = await problemOf(jobs.cancel(me, { queue: 'orders', id: next?.id ?? '' }))
    expect([owned.code, owned.message]).toEqual(['scheduler-owned-job', expect.stringMatching(/removed directly\.$/)])
    expect(await bull.stateOf([{ queue: 'orders', id: next?.id ?? '' }])).toEqual(['delayed'])

    const flow = await bull
      .flow()
      .add({ name: 'p', queueName: 'orders', children: [{ name: 'c', queueName: 'orders' }] })
    const parent = { queue: 'orders', id: flow.job.id ?? '' }
    expect((await problemOf(jobs.cancel(me, parent))).code).toBe('has-pending-children')
    const [child] = flow.children ?? []
    expect(await jobs.show(me, { queue: 'orders', id: child?.job.id ?? '' })).toMatchObject({ parent })
  })
})

describe('running now', () => {
  test('promotes a delayed job and refuses any other', async ({ jobs, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { delay_ms: 60_000 } }))
    expect(await jobs.promote(me, { queue: 'mail', id: 't_a' })).toMatchObject({ state: 'waiting', run_at: null })
    expect((await problemOf(jobs.promote(me, { queue: 'mail', id: 't_a' }))).code).toBe('job-not-in-state')
    expect((await problemOf(jobs.promote(me, { queue: 'mail', id: 'nobody' }))).code).toBe('task-not-found')
  })

  test('retries a dead job once more, a completed one, and a delayed one at once', async ({ jobs, me, work, bull }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
    await die({ work, bull }, 'mail', ['t_a'])
    expect(await jobs.retry(me, { queue: 'mail', id: 't_a' })).toMatchObject({
      state: 'waiting',
      attempts_made: 1,
      finished_at: null,
      dlq_id: null,
    })
    expect((await problemOf(jobs.retry(me, { queue: 'mail', id: 't_a' }))).code).toBe('job-not-in-state')
    const worker = work('mail', async () => 'fine')
    await saysOf(worker, 'completed', 't_a')
    await worker.close()
    expect(await jobs.retry(me, { queue: 'mail', id: 't_a' }, { resetAttempts: true })).toMatchObject({
      state: 'waiting',
      attempts_made: 0,
    })
    expect((await jobs.show(me, { queue: 'mail', id: 't_a' })).result).toBeUndefined()
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'b', options: { delay_ms: 60_000 } }))
    expect((await jobs.retry(me, { queue: 'mail', id: 't_b' })).state).toBe('waiting')
  })
})

describe('a result', () => {
  test('is waited for and comes as soon as there is one', async ({ jobs, me, work, clock }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const address = { queue: 'mail', id: 't_a' }
    expect(await jobs.result(address, 0)).toEqual({ done: false, body: { state: 'waiting' } })
    const waiting = jobs.result(address, 25_000)
    await saysOf(
      work('mail', async () => ({ plays: 3 })),
      'completed',
      't_a',
    )
    while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(100)
    expect(await waiting).toEqual({ done: true, body: { state: 'completed', result: { plays: 3 } } })
  })

  test('of a job that failed is its error; waiting ends with its time and with its caller', async ({
    jobs,
    me,
    work,
    bull,
    clock,
  }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
    await die({ work, bull }, 'mail', ['t_a'], () => new RangeError('too far'))
    expect(await jobs.result({ queue: 'mail', id: 't_a' }, 1_000)).toMatchObject({
      done: true,
      body: { state: 'failed', error: { name: 'RangeError', message: 'too far' } },
    })
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'b' }))
    const abort = new AbortController()
    const waiting = jobs.result({ queue: 'mail', id: 't_b' }, 25_000, abort.signal)
    while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve))
    abort.abort()
    expect(await waiting).toEqual({ done: false, body: { state: 'waiting' } })
    expect((await problemOf(jobs.result({ queue: 'mail', id: 'x' }, 0))).code).toBe('task-not-found')
  })
})

test('log lines are read in pages', async ({ jobs, me, work }) => {
  const worker = work('mail', async (job) => {
    for (const line of ['one', 'two', 'three']) await job.log(line)
  })
  const completed = saysOf(worker, 'completed', 't_a')
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
  await completed
  expect(await jobs.logs({ queue: 'mail', id: 't_a' }, { from: 1, limit: 1 })).toEqual({
    data: [{ index: 1, line: 'two' }],
    total: 3,
  })
})
