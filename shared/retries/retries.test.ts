// What can be seen and steered of one job's retries.
import { describe, die, expect, input, problemOf, saysOf, test, testCatalog } from '../../test/support/rooms.ts'
import { createHistory } from '../attempts/history.ts'
import { RetryRequest, RetryState } from './contract.ts'
import { createRetries } from './retries.ts'
import type { Circuit, Retries } from './retries.ts'

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

  test('of a job that asks for longer waits than its kind ever takes: those it asked for', async ({
    retries,
    jobs,
    me,
  }) => {
    const backoff = { type: 'fixed', delay_ms: 3_600_000 } as const
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { backoff } }))
    expect((await retries.show(a)).strategy).toEqual({ ...backoff, max_ms: 3_600_000, jitter: 'none' })
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

  test('at another time, from the first attempt on, for a job that waits for its next try', async ({
    retries,
    jobs,
    me,
    work,
    clock,
  }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const worker = work('mail', () => Promise.reject(new Error('not yet')), {
      settings: { backoffStrategy: () => 600_000 },
    })
    await saysOf(worker, 'failed', 't_a')
    const answer = await retries.retry(me, a, request({ reset_attempts: true, delay_ms: 5_000 }))
    const scheduled_for = new Date(clock.now() + 5_000).toISOString()
    expect(answer).toMatchObject({ state: 'delayed', attempt: 1, scheduled_for })
    expect(await retries.show(a)).toMatchObject({ attempts_made: 0, state: 'delayed' })
  })

  test('before all other jobs of its queue, when it is forced', async ({ retries, jobs, me, work }) => {
    const later = { delay_ms: 600_000 }
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: later }))
    const urgent = { priority: 'critical' } as const
    for (const id of ['b', 'c'])
      await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id, options: id === 'b' ? urgent : {} }))
    expect(await retries.retry(me, a, request({ force: true }))).toMatchObject({ state: 'waiting', attempt: 1 })
    const ran: (string | undefined)[] = []
    const worker = work('mail', async ({ id }) => ran.push(id))
    await saysOf(worker, 'completed', 't_b')
    expect(ran[0]).toBe('t_a')
  })

  test('is refused while it waits or runs', async ({ retries, jobs, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    const problem = await problemOf(retries.retry(me, a, request()))
    expect([problem.code, problem.status]).toEqual(['job-not-in-state', 409])
  })
})

describe('the circuit of the service a job calls', () => {
  interface Circuits {
    /** Retries over breakers that are as told, by the service's name. */
    withCircuits: (circuits: Record<string, Circuit>) => Retries
  }
  const within = test.extend<Circuits>({
    withCircuits: async ({ kernel, bull, jobs }, use) =>
      use((circuits) =>
        createRetries(kernel, {
          bull,
          catalog: testCatalog,
          history: createHistory(kernel, bull),
          jobs,
          circuitOf: async (service) => circuits[service],
        }),
      ),
  })
  const open = { smtp: { state: 'open', retryAfterMs: 18_000 } } as const

  within('is shown, also for a job that a plain producer added', async ({ withCircuits, bull, foreign }) => {
    const { id = '' } = await bull.queue('mail').add('mail.send', { to: 'x' })
    const retries = withCircuits(open)
    expect(await retries.show({ queue: 'mail', id })).toMatchObject({ circuit: { service: 'smtp', state: 'open' } })
    const other = await foreign('theirs').add('x', {})
    expect(await retries.show({ queue: 'theirs', id: other.id ?? '' })).not.toHaveProperty('circuit')
  })

  within('refuses while it is open, unless forced', async ({ withCircuits, jobs, bull, me, work }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
    await die({ work, bull }, 'mail', ['t_a'])
    const retries = withCircuits(open)
    const problem = await problemOf(retries.retry(me, a, request()))
    expect([problem.code, problem.status, problem.extras.retryAfterMs]).toEqual(['circuit-open', 409, 18_000])
    expect(problem.extras.members).toEqual({ service: 'smtp', state: 'open' })
    expect((await retries.show(a)).state).toBe('failed')
    expect(await retries.retry(me, a, request({ force: true }))).toMatchObject({ state: 'waiting' })
  })

  within.for(['closed', 'half_open', 'forced_closed', 'disabled'] as const)(
    'lets a retry through when it is %s',
    async (state, { withCircuits, jobs, bull, me, work }) => {
      await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
      await die({ work, bull }, 'mail', ['t_a'])
      expect(await withCircuits({ smtp: { state } }).retry(me, a, request())).toMatchObject({ state: 'waiting' })
    },
  )
})

test('who asked that a job be tried again, and why, is kept with it', async ({
  retries,
  jobs,
  me,
  work,
  bull,
  clock,
}) => {
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } }))
  await die({ work, bull }, 'mail', ['t_a'])
  expect((await retries.show(a)).asked).toBeNull()
  await retries.retry(me, a, request({ reason: 'the mailbox is back' }))
  const asked = { by: 'Ada', at: new Date(clock.now()).toISOString(), reason: 'the mailbox is back' }
  expect((await retries.show(a)).asked).toEqual(asked)
})

test('every attempt is told with the trace of its job', async ({ retries, jobs, me, work, bull }) => {
  const job = { name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 1 } } as const
  await jobs.enqueue(me, input(job), { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })
  const worker = work('mail', async () => 1)
  await saysOf(worker, 'completed', 't_a')
  expect((await retries.show(a)).history).toMatchObject([
    { attempt: 1, outcome: 'completed', trace_id: 'a'.repeat(32) },
  ])
  expect(await bull.stateOf([a])).toEqual(['completed'])
})
