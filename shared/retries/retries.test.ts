// What can be seen and steered of one job's retries.
import { describe, die, expect, input, problemOf, saysOf, test } from '../../test/support/rooms.ts'
import { RetryRequest, RetryState } from './contract.ts'

const request = (asked: Parameters<typeof RetryRequest.parse>[0] = {}) => RetryRequest.parse(asked)
const a = { queue: 'mail', id: 't_a' }

describe('what is seen', () => {
  test('of a job between two tries: policy, error and when it is tried next', async ({ retries, jobs, me, work }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const worker = work('mail', () => Promise.reject(new TypeError('no route')), {
      settings: { backoffStrategy: () => 60_000 },
    })
    await saysOf(worker, 'failed', 't_a')
    const state = RetryState.parse(await retries.show(a))
    expect(state).toMatchObject({
      task_id: 'mail:t_a',
      state: 'delayed',
      attempts_made: 1,
      attempts_max: 4,
      strategy: { type: 'fixed', delay_ms: 50, jitter: 'none' },
      last_error: { name: 'TypeError', message: 'no route' },
      error_class: 'unknown',
    })
    expect(Date.parse(state.next_retry_at ?? '')).toBeGreaterThan(Date.now())
  })

  test('of a dead job: its dead letter', async ({ retries, jobs, dlq, me, work, bull }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
    await die({ work, bull }, 'mail', ['t_a'])
    const state = await retries.show(a)
    expect(state).toMatchObject({ state: 'failed', next_retry_at: null, attempts_max: 1 })
    expect((await dlq.show(me, state.dlq_id ?? '')).task_id).toBe('mail:t_a')
  })

  test('of a job nobody has is 404', async ({ retries }) => {
    expect((await problemOf(retries.show(a))).code).toBe('task-not-found')
  })
})

describe('trying again', () => {
  test('now, for a job that waits for its next try', async ({ retries, jobs, me, work }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    let works = false
    const worker = work('mail', () => (works ? Promise.resolve(1) : Promise.reject(new Error('not yet'))), {
      settings: { backoffStrategy: () => 600_000 },
    })
    await saysOf(worker, 'failed', 't_a')
    works = true
    const completed = saysOf(worker, 'completed', 't_a')
    expect(await retries.retry(me, a, request())).toMatchObject({ task_id: 'mail:t_a', queue: 'mail', attempt: 2 })
    await completed
  })

  test('after a delay, from the first attempt on, for a dead job', async ({ retries, jobs, me, work, bull, clock }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
    await die({ work, bull }, 'mail', ['t_a'])
    const answer = await retries.retry(me, a, request({ reset_attempts: true, delay_ms: 5_000 }))
    expect(answer).toEqual({
      task_id: 'mail:t_a',
      queue: 'mail',
      state: 'delayed',
      attempt: 1,
      scheduled_for: new Date(clock.now() + 5_000).toISOString(),
    })
    expect((await retries.show(a)).attempts_made).toBe(0)
  })

  test('is refused while it waits or runs', async ({ retries, jobs, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const problem = await problemOf(retries.retry(me, a, request()))
    expect([problem.code, problem.status]).toEqual(['job-not-in-state', 409])
  })
})
