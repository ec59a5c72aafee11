// What the inbox of dead letters promises: nothing hidden, nothing twice, and another life exactly once.
import { Queue } from 'bullmq'
import { catalogOf } from '../catalog/catalog.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { dlqId } from './id.ts'
import { describe, die, expect, input, person, problemOf, saysOf, test } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Job, JobsQuery } from '../jobs/contract.ts'
import { DlqEntry, DlqQuery, ResubmitRequest } from './contract.ts'
import { createDlq } from './dlq.ts'
import { mergePatch } from './merge-patch.ts'

type Asked = Partial<Record<string, string | string[] | number>>
const query = (asked: Asked = {}) => DlqQuery.parse(asked)
const request = (asked: Parameters<typeof ResubmitRequest.parse>[0] = {}) => ResubmitRequest.parse(asked)

/** A dead letter as some worker left it. */
const lay = async (
  { kernel, bull }: Pick<RoomFixtures, 'bull'> & { kernel: Kernel },
  queue: string,
  id: string,
  at: number,
  more: Record<string, string | number> = {},
) => {
  const hash = {
    name: 'mail.send',
    data: '{"to":"x"}',
    opts: '{"attempts":3}',
    timestamp: at - 9,
    atm: 3,
    ats: 3,
    processedOn: at - 1,
    finishedOn: at,
    failedReason: 'boom',
    stacktrace: '["Error: boom\\n    at x"]',
    priority: 0,
    delay: 0,
  }
  await kernel.redis.hset(bull.keys(queue).job(id), { ...hash, ...more })
  await kernel.redis.zadd(bull.keys(queue).failed, at, id)
  await kernel.redis.hset(bull.keys(queue).meta, 'opts.maxLenEvents', 10_000)
}

describe('the list', () => {
  test('goes on behind a member whose times are beyond any calendar', async ({ dlq, jobs, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'sane', 1_700_000_000_000)
    await lay({ kernel, bull }, 'mail', 'late', 1e300, { finishedOn: '8000000000000000', timestamp: '8e15' })
    await lay({ kernel, bull }, 'mail', 'never', Infinity, { finishedOn: 'inf', timestamp: '-inf' })
    const listed = await dlq.list(me, query({ limit: 2 }))
    const rest = await dlq.list(me, query({ limit: 2, cursor: listed.page.next_cursor ?? '' }))
    const dead = [...listed.data, ...rest.data]
    expect(dead.map(({ task_id }) => task_id).sort()).toEqual(['mail:late', 'mail:never', 'mail:sane'])
    for (const entry of dead) {
      expect(DlqEntry.parse(entry)).toEqual(entry)
      expect(await dlq.show(me, entry.id)).toMatchObject({ task_id: entry.task_id })
    }
    expect(
      (await jobs.list(me, JobsQuery.parse({ state: 'failed' }))).data.map((job) => Job.parse(job).id),
    ).toHaveLength(3)
  })

  test('merges all queues by time of death, pages without loss, and leaves cancelled jobs out', async ({
    dlq,
    me,
    kernel,
    bull,
  }) => {
    const T = 1_700_000_000_000
    for (let index = 0; index < 30; index++)
      await lay({ kernel, bull }, `q${index % 3}`, `j${index}`, T + Math.floor(index / 4))
    await lay({ kernel, bull }, 'q0', 'stopped', T + 99, { k1nCancelled: 'enough' })
    await bull.discover()
    const whole = (await dlq.list(me, query({ limit: 200 }))).data.map(({ id }) => id)
    expect(whole).toHaveLength(30)
    const walked: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof dlq.list>> = await dlq.list(
        me,
        query({ limit: 4, ...(cursor ? { cursor } : {}) }),
      )
      walked.push(...page.data.map(({ id }) => id))
      cursor = page.page.next_cursor
    } while (cursor)
    expect(walked).toEqual(whole)
    const only = await dlq.list(person({ queues: ['q1'] }), query({ limit: 200 }))
    expect(only.data).toHaveLength(10)
    expect(
      only.data.every(({ queue, error, data }) => queue === 'q1' && error.stack === undefined && data === undefined),
    ).toBe(true)
    const range = { from: new Date(T + 2).toISOString(), to: new Date(T + 4).toISOString() }
    expect((await dlq.list(me, query(range))).data.map(({ task_id }) => task_id.slice(3)).sort()).toEqual([
      'j10',
      'j11',
      'j12',
      'j13',
      'j14',
      'j15',
      'j8',
      'j9',
    ])
  })

  test('filters with a bounded look and says how far it looked', async ({ dlq, me, kernel, bull }) => {
    for (let index = 0; index < 1_200; index++)
      await lay(
        { kernel, bull },
        'mail',
        `j${index}`,
        1_000_000 + index,
        index === 5 ? { failedReason: 'Mailbox FULL', k1nReason: 'timeout' } : {},
      )
    const first = await dlq.list(me, query({ q: 'mailbox full' }))
    expect(first).toMatchObject({ data: [], page: { has_more: true }, searched: { searched: 1_000, complete: false } })
    const second = await dlq.list(me, query({ q: 'mailbox full', cursor: first.page.next_cursor ?? '' }))
    expect(second).toMatchObject({
      data: [{ task_id: 'mail:j5', reason: 'timeout' }],
      searched: { searched: 200, complete: true },
    })
    expect(
      (await dlq.list(me, query({ error_class: 'timeout', to: new Date(1_000_010).toISOString() }))).data,
    ).toHaveLength(1)
    expect((await dlq.list(me, query({ name: 'nothing' }))).data).toEqual([])
  })

  test('tells why each died', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'a', 1_004, { k1nReason: 'poison' })
    await lay({ kernel, bull }, 'mail', 'b', 1_003, { failedReason: 'job stalled more than allowable limit' })
    await lay({ kernel, bull }, 'mail', 'c', 1_002)
    await lay({ kernel, bull }, 'mail', 'd', 1_001, { atm: 1 })
    await lay({ kernel, bull }, 'mail', 'e', 1_000, { atm: 0, opts: 'garbage', failedReason: '' })
    expect((await dlq.list(me, query())).data.map(({ reason }) => reason)).toEqual([
      'poison',
      'stalled',
      'exhausted',
      'permanent',
      'unknown',
    ])
  })

  test('has what a real worker buried, with error, stack and payload on its own page', async ({
    dlq,
    jobs,
    me,
    work,
    bull,
  }) => {
    await jobs.enqueue(
      me,
      input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { attempts: 2 }, tags: ['vip'] }),
    )
    await die({ work, bull }, 'mail', ['t_a'], () => new RangeError('too far'))
    const { data } = await dlq.list(me, query())
    expect(data).toEqual([
      expect.objectContaining({
        task_id: 'mail:t_a',
        attempts_made: 2,
        reason: 'exhausted',
        status: 'open',
        tags: ['vip'],
      }),
    ])
    const shown = await dlq.show(me, data[0]?.id ?? '')
    expect(shown).toMatchObject({ data: { to: 'x' }, error: { name: 'RangeError', message: 'too far' } })
    expect(shown.error.stack).toContain('RangeError: too far')
    expect(await dlq.show(me, 'mail:t_a')).toEqual(shown)
    expect(await dlq.show(me, 'a')).toEqual(shown)
    expect((await dlq.show(person({ scopes: ['recovery:read'] }), 'mail:t_a')).data).toEqual({ redacted: true })
    expect((await problemOf(dlq.show(person({ queues: ['x'] }), data[0]?.id ?? ''))).code).toBe('task-not-found')
    expect((await problemOf(dlq.show(me, 'mail:nobody~1'))).code).toBe('task-not-found')
  })
})

describe('resubmitting to the same queue', () => {
  test('revives the same job, which runs from its first attempt on', async ({ dlq, jobs, me, work, bull, log }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x', n: 1 }, id: 'a', options: { attempts: 2 } }))
    await die({ work, bull }, 'mail', ['t_a'])
    const [entry] = (await dlq.list(me, query())).data
    const answer = await dlq.resubmit(me, entry?.id ?? '', request({ data_patch: { to: 'y', n: null } }))
    expect(answer).toEqual({ dlq_id: entry?.id, task_id: 'mail:t_a', queue: 'mail', state: 'waiting' })
    expect(await jobs.show(me, { queue: 'mail', id: 't_a' })).toMatchObject({
      state: 'waiting',
      attempts_made: 0,
      data: { to: 'y' },
    })
    expect((await dlq.list(me, query())).data).toEqual([])
    const again = await problemOf(dlq.resubmit(me, entry?.id ?? '', request()))
    expect([again.code, again.status]).toEqual(['already-resubmitted', 409])
    const seen: unknown[] = []
    const worker = work('mail', async (job) => void seen.push(job.data, job.attemptsMade))
    await saysOf(worker, 'completed', 't_a')
    expect(seen).toEqual([{ to: 'y' }, 0])
    expect((await problemOf(dlq.resubmit(me, entry?.id ?? '', request()))).code).toBe('already-resubmitted')
    expect((await problemOf(dlq.resubmit(me, 'mail:t_a', request()))).code).toBe('task-not-found')
    const facts = (await log.readAfter('0-0', 10)).map(({ name, data }) => [name, JSON.parse(data) as unknown])
    expect(facts).toEqual([
      [
        'error_recovery.dlq_entry_resubmitted',
        { dlq_id: entry?.id, task_id: 'mail:t_a', new_task_id: null, queue: 'mail', actor: 'Ada' },
      ],
    ])
  })

  test('of one death happens once, however many ask', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000)
    const id = dlqId({ queue: 'mail', id: 't_a' }, 1_700_000_000_000)
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => dlq.resubmit(me, id, request())))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await kernel.redis.lrange(bull.keys('mail').wait, 0, -1)).toEqual(['t_a'])
  })

  test('keeps count of all lives, and may keep the attempts or wait', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000, { stc: 2 })
    await dlq.resubmit(me, 'mail:t_a', request())
    expect(await kernel.redis.hmget(bull.keys('mail').job('t_a'), 'k1nLives', 'k1nBase', 'atm', 'ats', 'stc', 'failedReason', 'finishedOn', 'stacktrace')).toEqual([
      '1', '3', null, null, null, null, null, '["Error: boom\\n    at x"]',
    ]) // prettier-ignore
    await lay({ kernel, bull }, 'mail', 't_b', 1_700_000_000_000)
    const answer = await dlq.resubmit(me, 'mail:t_b', request({ reset_attempts: false, delay_ms: 60_000 }))
    expect(answer.state).toBe('delayed')
    const [stated] = await bull.readStated([{ queue: 'mail', id: 't_b' }])
    expect(stated).toMatchObject({ state: 'delayed', score: kernel.clock.now() + 60_000, job: { attemptsMade: 3 } })
  })

  test('refuses a payload its kind does not take, and changes nothing', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000)
    const problem = await problemOf(dlq.resubmit(me, 'mail:t_a', request({ data_patch: { to: 7 } })))
    expect(problem.extras.errors?.map(({ pointer }) => pointer)).toEqual(['#/data_patch/to'])
    expect(await bull.stateOf([{ queue: 'mail', id: 't_a' }])).toEqual(['failed'])
  })

  test('refuses another payload for what k1n itself sends, which would be signed as its own', async ({
    kernel,
    bull,
    operations,
    me,
  }) => {
    const dlq = createDlq(kernel, { bull, operations, catalog: catalogOf(webhookDeliver) })
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000, { name: 'webhook.deliver' })
    const problem = await problemOf(dlq.resubmit(me, 'mail:t_a', request({ data_patch: { body: '{}' } })))
    expect(problem.extras.errors).toMatchObject([{ pointer: '#/data_patch' }])
    expect(await bull.stateOf([{ queue: 'mail', id: 't_a' }])).toEqual(['failed'])
  })

  for (const [what, options, paused] of [
    ['a plain job', {}, false],
    ['a prioritized job', { priority: 7 }, false],
    ['a last-in-first-out job', { lifo: true }, false],
    ['a job of a paused queue', {}, true],
  ] as const)
    test(`leaves ${what} as BullMQ's own retry does`, async ({ dlq, me, work, bull, kernel, foreign }) => {
      for (const name of ['q1', 'q2']) {
        await foreign(name).addBulk([{ name: 'x', data: {}, opts: { jobId: 'a', timestamp: 1_000, ...options } }])
        await die({ work, bull }, name, ['a'])
        await foreign(name).add('other', {}, { jobId: 'other', timestamp: 1_000 })
        if (paused) await foreign(name).pause()
        await kernel.redis.del(bull.keys(name).events)
      }
      const theirs = await new Queue('q1', {
        connection: kernel.redis,
        prefix: kernel.bullPrefix,
        skipMetasUpdate: true,
      }).getJob('a')
      await theirs?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
      await dlq.resubmit(me, 'q2:a', request())
      const left = async (name: string) => {
        const { wait, prioritized, marker, events, failed, prefix } = bull.keys(name)
        const { redis } = kernel
        const { k1nLives: _lives, k1nBase: _base, stacktrace: _stack, ...hash } = await redis.hgetall(`${prefix}a`)
        return {
          hash,
          wait: await redis.lrange(wait, 0, -1),
          prioritized: await redis.zrange(prioritized, 0, -1, 'WITHSCORES'),
          marker: await redis.zrange(marker, 0, -1, 'WITHSCORES'),
          failed: await redis.zcard(failed),
          events: (await redis.xrange(events, '-', '+')).map(([, fields]) => fields),
        }
      }
      expect(await left('q2')).toEqual(await left('q1'))
    })
})

describe('resubmitting to another queue', () => {
  test('moves the job under an id that follows from its death', async ({
    dlq,
    jobs,
    me,
    kernel,
    bull,
    foreign,
    log,
  }) => {
    await foreign('orders').waitUntilReady()
    await foreign('orders').add('first', {})
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000, { priority: 5 })
    const id = dlqId({ queue: 'mail', id: 't_a' }, 1_700_000_000_000)
    const answer = await dlq.resubmit(me, id, request({ queue: 'orders' }))
    expect(answer).toMatchObject({ queue: 'orders', state: 'prioritized' })
    expect(answer.task_id).toMatch(/^orders:t_r-/)
    const [, moved = ''] = answer.task_id.split(':')
    expect(await jobs.show(me, { queue: 'orders', id: moved })).toMatchObject({
      name: 'mail.send',
      data: { to: 'x' },
      attempts_made: 0,
      priority: 5,
    })
    expect(await bull.stateOf([{ queue: 'mail', id: 't_a' }])).toEqual(['missing'])
    const again = await problemOf(dlq.resubmit(me, id, request({ queue: 'orders' })))
    expect([again.code, again.extras.members?.['task_id']]).toEqual(['already-resubmitted', answer.task_id])
    const [fact] = await log.readAfter('0-0', 10)
    expect(JSON.parse(fact?.data ?? '')).toMatchObject({ dlq_id: id, new_task_id: answer.task_id })
  })

  test('ends with one job after a crash in the middle and however many ask', async ({
    dlq,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    await foreign('orders').waitUntilReady()
    await foreign('orders').pause()
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000)
    const id = dlqId({ queue: 'mail', id: 't_a' }, 1_700_000_000_000)
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => dlq.resubmit(me, id, request({ queue: 'orders' }))),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await bull.counts(['orders'])).get('orders')?.waiting).toBe(1)
    // A crash between adding and removing: the dead letter is still there, the new job too.
    await kernel.redis.del(kernel.key('dlq', 'moved', id))
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000)
    expect((await dlq.resubmit(me, id, request({ queue: 'orders' }))).queue).toBe('orders')
    expect((await bull.counts(['orders', 'mail'])).get('orders')?.waiting).toBe(1)
    expect((await bull.counts(['mail'])).get('mail')?.failed).toBe(0)
  })

  test('gives one more life, however many ask for it here and there at once', async ({
    dlq,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    const places = [undefined, 'orders', 'bills', 'orders', undefined, 'bills']
    await Promise.all(['orders', 'bills'].map((name) => foreign(name).waitUntilReady()))
    for (let turn = 0; turn < 8; turn++) {
      await lay({ kernel, bull }, 'mail', `t_${turn}`, 1_700_000_000_000)
      const turned = [...places.slice(turn % places.length), ...places.slice(0, turn % places.length)]
      const answers = await Promise.allSettled(
        turned.map((queue) =>
          dlq.resubmit(me, `mail:t_${turn}~${(1_700_000_000_000).toString(36)}`, request(queue ? { queue } : {})),
        ),
      )
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const answer of answers)
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'already-resubmitted' })
    }
    const counts = await bull.counts(['mail', 'orders', 'bills'])
    expect([...counts.values()].reduce((sum, { waiting }) => sum + waiting, 0)).toBe(8)
    expect(counts.get('mail')?.failed).toBe(0)
  })

  test('refuses a queue that does not exist or may not be used', async ({ dlq, me, kernel, bull, foreign }) => {
    await foreign('secret').waitUntilReady()
    await lay({ kernel, bull }, 'mail', 't_a', 1_700_000_000_000)
    expect((await problemOf(dlq.resubmit(me, 'mail:t_a', request({ queue: 'nowhere' })))).status).toBe(422)
    expect(
      (await problemOf(dlq.resubmit(person({ queues: ['mail'] }), 'mail:t_a', request({ queue: 'secret' })))).status,
    ).toBe(422)
    expect(await bull.stateOf([{ queue: 'mail', id: 't_a' }])).toEqual(['failed'])
  })
})

test('a merge patch is RFC 7396', () => {
  // The examples of the RFC's appendix A.
  const examples: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [target, patch, result] of examples) expect(mergePatch(target, patch)).toEqual(result)
  expect(Object.getPrototypeOf(mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')))).toBe(Object.prototype)
})
