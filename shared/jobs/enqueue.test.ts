// What a producer may rely on when it hands over a job.
import { Worker } from 'bullmq'
import { once } from 'node:events'
import { describe, expect, input, person, problemOf, test } from '../../test/support/rooms.ts'

describe('a job that is accepted', () => {
  test('is answered as it was stored, and read back the same', async ({ jobs, me, clock }) => {
    const { job, created } = await jobs.enqueue(
      me,
      input({
        name: 'mail.send',
        data: { to: 'a@b.c' },
        id: 'order-7',
        options: { priority: 'high', timeout_ms: 500, attempts: 2, backoff: { type: 'fixed', delay_ms: 7 } },
        tags: ['vip'],
        metadata: { order: '7' },
      }),
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    )
    expect(created).toBe(true)
    expect(job).toMatchObject({
      id: 'mail:t_order-7',
      state: 'prioritized',
      data: { to: 'a@b.c' },
      priority: 10,
      priority_name: 'high',
      attempts_max: 2,
      backoff: { type: 'fixed', delay_ms: 7 },
      created_at: new Date(clock.now()).toISOString(),
      service: 'smtp',
      tags: ['vip'],
      metadata: { order: '7' },
      known: true,
      trace: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    })
    const { why: _why, version, ...shown } = await jobs.show(me, { queue: 'mail', id: 't_order-7' })
    const { why: _added, version: first, ...answered } = job
    expect(shown).toEqual(answered)
    expect(version).toBeGreaterThan(first)
  })

  test('gets an id of ours, never a name of one of the queue’s own keys', async ({ jobs, me, kernel, bull }) => {
    for (const id of ['wait', 'meta', 'active', 'events', '0', '12', 'marker', '..', '__proto__'])
      await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id }))
    const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' } }))
    expect(job.id).toMatch(/^mail:t_[0-9a-f]{8}-[0-9a-f]{4}-7/)
    const types = await Promise.all(
      ['wait', 'meta', 'events'].map((name) => kernel.redis.type(`${bull.keys('mail').prefix}${name}`)),
    )
    expect(types).toEqual(['list', 'hash', 'stream'])
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(10)
  })

  test('runs in a stock worker with its payload untouched', async ({ jobs, me, work }) => {
    const seen: unknown[] = []
    const worker = work('mail', async (job) => void seen.push(job.name, job.data, job.opts.attempts, job.opts.backoff))
    const completed = once(worker, 'completed')
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'ü 🎧' } }))
    await completed
    expect(seen).toEqual(['mail.send', { to: 'ü 🎧' }, 4, { type: 'k1n' }])
  })

  test('may be delayed by a time or until one', async ({ jobs, me, clock, bull }) => {
    const at = new Date(clock.now() + 90_000).toISOString()
    const { job } = await jobs.enqueue(me, input({ name: 'report.build', options: { run_at: at } }))
    expect(job).toMatchObject({ state: 'delayed', run_at: at, delay_ms: 90_000 })
    expect(await bull.stateOf([{ queue: 'reports', id: job.id.slice('reports:'.length) }])).toEqual(['delayed'])
    const past = await jobs.enqueue(me, input({ name: 'report.build', options: { run_at: '2001-01-01T00:00:00Z' } }))
    expect(past.job.state).toBe('waiting')
    const far = jobs.enqueue(me, input({ name: 'report.build', options: { run_at: '2901-01-01T00:00:00Z' } }))
    expect((await problemOf(far)).extras.errors?.[0]?.pointer).toBe('#/options/run_at')
  })
})

describe('ids', () => {
  test('a taken id is a conflict and changes nothing, however close together the two come', async ({
    jobs,
    me,
    bull,
  }) => {
    const make = (to: string) => jobs.enqueue(me, input({ name: 'mail.send', data: { to }, id: 'x' }))
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map(make))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const problem = await problemOf(make('e'))
    expect([problem.code, problem.status]).toEqual(['already-exists', 409])
    expect((await bull.readRaw([{ queue: 'mail', id: 't_x' }]))[0]?.data).toBe('{"to":"a"}')
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(1)
  })

  test('an Idempotency-Key makes one job of fifty requests, and one of its own for each principal', async ({
    jobs,
    me,
    bull,
  }) => {
    const make = (who: typeof me) =>
      jobs.enqueue(who, input({ name: 'mail.send', data: { to: 'a' } }), { idempotencyKey: 'k-1' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => make(me)))
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1)
    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    expect(answers[0]?.job.id).toMatch(/^mail:t_i-[a-z2-7]{32}$/)
    const other = await make(person({ id: 'key_2' }))
    expect(other.created).toBe(true)
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(2)
  })

  test('an Idempotency-Key of one job does not swallow the first of many, nor another job', async ({
    jobs,
    me,
    bull,
  }) => {
    const mail = (to: string) => input({ name: 'mail.send', data: { to } })
    const only = await jobs.enqueue(me, mail('a'), { idempotencyKey: 'k' })
    const { results } = await jobs.enqueueMany(
      me,
      { jobs: [mail('b'), mail('c')], atomic: true },
      { idempotencyKey: 'k' },
    )
    expect(results.map(({ status }) => status)).toEqual([201, 201])
    expect(new Set([only.job.id, ...results.map((result) => result.task_id)]).size).toBe(3)
    const other = await problemOf(jobs.enqueue(me, mail('d'), { idempotencyKey: 'k' }))
    expect([other.code, other.status]).toEqual(['idempotency-key-reused', 422])
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(3)
  })

  test('a given id wins over an Idempotency-Key', async ({ jobs, me }) => {
    const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'a' }, id: 'mine' }), {
      idempotencyKey: 'k',
    })
    expect(job.id).toBe('mail:t_mine')
  })
})

describe('jobs with one dedup id', () => {
  test('become one, and the kept one is answered', async ({ jobs, me }) => {
    const make = (to: string) =>
      jobs.enqueue(me, input({ name: 'mail.send', data: { to }, options: { dedup: { id: 'd' } } }))
    const first = await make('a')
    const second = await make('b')
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.job).toMatchObject({
      id: first.job.id,
      deduplicated_of: first.job.id,
      data: { to: 'a' },
      dedup_id: 'd',
    })
  })

  test('are a conflict when the given id is taken by a job without it, and one when it has it', async ({
    jobs,
    me,
  }) => {
    const make = (to: string, dedup?: string) =>
      jobs.enqueue(
        me,
        input({ name: 'mail.send', data: { to }, id: 'mine', options: dedup ? { dedup: { id: dedup } } : {} }),
      )
    await make('a')
    expect((await problemOf(make('b', 'd'))).code).toBe('already-exists')
    const first = input({ name: 'mail.send', data: { to: 'a' }, id: 'yours', options: { dedup: { id: 'e' } } })
    expect((await jobs.enqueue(me, first)).created).toBe(true)
    const again = await jobs.enqueue(me, first)
    expect([again.created, again.job.deduplicated_of]).toEqual([false, 'mail:t_yours'])
  })

  test('are replaced while they are delayed when asked', async ({ jobs, me, bull }) => {
    const make = (to: string) =>
      jobs.enqueue(
        me,
        input({ name: 'mail.send', data: { to }, options: { delay_ms: 60_000, dedup: { id: 'd', mode: 'replace' } } }),
      )
    await make('a')
    const second = await make('b')
    expect(second.created).toBe(true)
    expect((await bull.counts(['mail'])).get('mail')?.delayed).toBe(1)
  })
})

describe('what is refused', () => {
  test('a payload that does not fit, member by member', async ({ jobs, me, bull }) => {
    const problem = await problemOf(
      jobs.enqueue(me, input({ name: 'mail.send', data: { to: '', cc: ['x', ''], 'a/b': 1 } })),
    )
    expect([problem.code, problem.status]).toEqual(['validation-failed', 422])
    expect(problem.extras.errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['#/data/to', '#/data/cc/1', '#/data/a~1b']),
    )
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(0)
  })

  test('a name nobody takes, with what to do about it', async ({ jobs, me, foreign }) => {
    const nameless = await problemOf(jobs.enqueue(me, input({ name: 'who.knows' })))
    expect([nameless.code, nameless.status]).toEqual(['unknown-job-name', 422])
    expect(nameless.message).toMatch(/Give the `queue`.*mail\.send/)
    const nowhere = await problemOf(jobs.enqueue(me, input({ name: 'who.knows', queue: 'nowhere' })))
    expect(nowhere.message).toMatch(/no queue nowhere yet/)
    const ours = await problemOf(jobs.enqueue(me, input({ name: 'who.knows', queue: 'mail' })))
    expect(ours.message).toMatch(/workers of mail have no handler called who\.knows/)
    await foreign('orders').waitUntilReady()
    await foreign('orders').add('first', {})
    const { job } = await jobs.enqueue(me, input({ name: 'who.knows', queue: 'orders', data: { any: 'thing' } }))
    expect(job).toMatchObject({ queue: 'orders', known: false, attempts_max: 1, backoff: null })
  })

  test('a kind in another queue than its own', async ({ jobs, me }) => {
    const problem = await problemOf(jobs.enqueue(me, input({ name: 'mail.send', queue: 'reports', data: { to: 'x' } })))
    expect(problem.extras.errors).toEqual([expect.objectContaining({ pointer: '#/queue' })])
  })

  test('a queue the principal may not use, as if it did not exist', async ({ jobs, foreign }) => {
    await foreign('secret').add('first', {})
    const limited = person({ queues: ['mail', 'open-*'] })
    const there = await problemOf(jobs.enqueue(limited, input({ name: 'x', queue: 'secret' })))
    const absent = await problemOf(jobs.enqueue(limited, input({ name: 'x', queue: 'absent' })))
    expect([there.code, there.message.replace('secret', '?')]).toEqual([
      absent.code,
      absent.message.replace('absent', '?'),
    ])
    expect((await problemOf(jobs.enqueue(limited, input({ name: 'report.build' })))).code).toBe('unknown-job-name')
    expect((await jobs.enqueue(limited, input({ name: 'mail.send', data: { to: 'x' } }))).created).toBe(true)
  })

  test('a backoff that workers of other services could not follow', async ({ jobs, me, foreign }) => {
    await foreign('orders').add('first', {})
    const make = (options: NonNullable<Parameters<typeof input>[0]['options']>) =>
      jobs.enqueue(me, input({ name: 'x', queue: 'orders', options }))
    expect((await problemOf(make({ attempts: 3, backoff: { type: 'custom', delays: [1] } }))).code).toBe(
      'validation-failed',
    )
    expect((await problemOf(make({ attempts: 50, backoff: { type: 'exponential' } }))).code).toBe('validation-failed')
    const { job } = await make({ attempts: 3, backoff: { type: 'exponential', delay_ms: 10, jitter: 'none' } })
    expect(job.backoff).toMatchObject({ type: 'exponential', delay_ms: 10, jitter: 'none' })
  })
})

test('a retry of another service’s worker waits as asked', async ({ jobs, me, foreign, work }) => {
  await foreign('orders').waitUntilReady()
  await foreign('orders').add('first', {})
  const tries: number[] = []
  const worker = work('orders', async (job) => {
    if (job.name !== 'flaky') return
    tries.push(Date.now())
    if (tries.length < 3) throw new Error('again')
  })
  const finished = new Promise<void>((resolve) => worker.on('completed', (job) => job.name === 'flaky' && resolve()))
  await jobs.enqueue(
    me,
    input({
      name: 'flaky',
      queue: 'orders',
      options: { attempts: 3, backoff: { type: 'fixed', delay_ms: 60, jitter: 'none' } },
    }),
  )
  await finished
  expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(55)
})

describe('many jobs at once', () => {
  const body = (names: string[], atomic: boolean) => ({
    atomic,
    jobs: names.map((name) => input({ name, data: name === 'mail.send' ? { to: 'x' } : {} })),
  })

  test('are answered in order', async ({ jobs, me, bull }) => {
    const { results, summary } = await jobs.enqueueMany(me, body(Array<string>(300).fill('mail.send'), true))
    expect(summary).toEqual({ total: 300, succeeded: 300, failed: 0 })
    const ids = results.map(({ task_id = '' }) => task_id.slice('mail:'.length))
    expect(
      await bull
        .queue('mail')
        .getBackend()
        .client.then((redis) => redis.lrange(bull.keys('mail').wait, 0, -1)),
    ).toEqual(ids.reverse())
  })

  test('are all refused when one is wrong and they belong together', async ({ jobs, me, bull }) => {
    const many = body(['mail.send', 'report.build', 'nobody'], true)
    const problem = await problemOf(
      jobs.enqueueMany(me, { ...many, jobs: [...many.jobs, input({ name: 'mail.send', data: { to: 1 } })] }),
    )
    expect(problem.extras.errors?.map(({ pointer }) => pointer)).toEqual(['#/jobs/2/name', '#/jobs/3/data/to'])
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(0)
  })

  test('are taken one by one otherwise', async ({ jobs, me }) => {
    const { results, summary } = await jobs.enqueueMany(me, body(['mail.send', 'nobody', 'report.build'], false))
    expect(summary).toEqual({ total: 3, succeeded: 2, failed: 1 })
    expect(results.map(({ status }) => status)).toEqual([201, 422, 201])
    expect(results[1]?.problem).toMatchObject({ code: 'unknown-job-name', status: 422 })
  })

  test('asked for twice with one Idempotency-Key are stored once', async ({ jobs, me, bull }) => {
    const many = body(['mail.send', 'mail.send', 'report.build'], true)
    const first = await jobs.enqueueMany(me, many, { idempotencyKey: 'batch' })
    const second = await jobs.enqueueMany(me, many, { idempotencyKey: 'batch' })
    expect(second.results.map(({ task_id }) => task_id)).toEqual(first.results.map(({ task_id }) => task_id))
    expect(second.results.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(2)
  })
})

test('one plain job costs Redis no command but the one that stores it, and many at once share one', async ({
  jobs,
  me,
  kernel,
}) => {
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'warm up' } }))
  const seen: string[] = []
  const send = kernel.redis.sendCommand.bind(kernel.redis)
  kernel.redis.sendCommand = (command, ...rest) => {
    seen.push(command.name)
    return send(command, ...rest)
  }
  const enqueue = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) => jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x', n } }))),
    )
  await enqueue(1)
  expect(seen.splice(0)).toEqual(['evalsha'])
  await enqueue(30)
  // The first three leave at once, as a job that comes alone does.
  expect(seen).toEqual(['evalsha', 'evalsha', 'evalsha', 'evalsha'])
})

test('BullMQ keeps our member of the options through a failed attempt', async ({ jobs, me, kernel, bull }) => {
  const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, tags: ['a'] }))
  const worker = new Worker('mail', () => Promise.reject(new Error('no')), {
    connection: { url: kernel.settings.REDIS_URL, maxRetriesPerRequest: null },
    prefix: kernel.bullPrefix,
    settings: { backoffStrategy: () => 60_000 },
  })
  await once(worker, 'failed')
  await worker.close()
  const [raw] = await bull.readRaw([{ queue: 'mail', id: job.id.slice(5) }])
  expect(raw?.opts['k1n']).toMatchObject({ tags: ['a'], by: me.id, service: 'smtp' })
})
