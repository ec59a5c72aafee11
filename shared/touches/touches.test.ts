// What a service touches: by what is declared, what is parked, and what was seen; no more than somebody may see.
import { vi } from 'vitest'
import type { Mock } from 'vitest'
import { describe, expect, input, person, test as base, testCatalog } from '../../test/support/rooms.ts'
import type { AuditQuery } from '../audit/contract.ts'
import type { ApiKey } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { createBreakers } from '../breakers/breakers.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createCarrying } from '../schedules/executor.ts'
import { createScheduleRuns } from '../schedules/runs.ts'
import { createSchedules } from '../schedules/schedules.ts'
import { ScheduleCreate } from '../schedules/contract.ts'
import { service, servicesOf } from '../services/declare.ts'
import { holdQueue } from '../services/held.ts'
import { createServices } from '../services/services.ts'
import type { Webhook } from '../webhooks/contract.ts'
import { stretchesOf } from './sample.ts'
import { createTouches } from './touches.ts'
import type { Touches } from './touches.ts'

interface World {
  /** What is asked of the audit. */
  audited: Mock<(query: AuditQuery) => void>
  touches: Touches
}
const webhook = (id: string, more: Partial<Webhook>): Webhook =>
  ({ id, url: `https://${id}.example/`, queues: ['*'], filter: [], subscriber: null, ...more }) as Webhook
const hooks = [
  webhook('all', { event_types: ['*'] }),
  webhook('jobs', { event_types: ['job.failed'], queues: ['mail'], subscriber: 'them', filter: [{ path: 'name', eq: 'x' }] as never }), // prettier-ignore
  webhook('none', { event_types: ['worker.*'] }),
  webhook('theirs', { event_types: ['*'], queues: ['other'], subscriber: 'them' }),
]

const test = base.extend<World>({
  audited: async ({}, use) => use(vi.fn<(query: AuditQuery) => void>()),
  touches: async ({ kernel, bull, registry, audited }, use) => {
    const services = createServices(kernel, {
      declared: servicesOf(
        service({ name: 'smtp', summary: 'Mail.', budget: '60/min' }),
        service({ name: 'printer', summary: 'Paper.' }),
      ),
    })
    const page = { limit: 200, has_more: false, next_cursor: null, prev_cursor: null }
    await use(
      createTouches(kernel, {
        ...{ bull, catalog: testCatalog, registry },
        breakers: createBreakers(kernel, { services }),
        schedules: createScheduleRuns(createCarrying(kernel, bull, testCatalog)),
        webhooks: { list: async () => ({ data: hooks, page }) },
        audit: { list: (_principal, query) => (audited(query), Promise.resolve({ data: [], page })) },
      }),
    )
  },
})

const mail = (id: string, more: object = {}) => input({ name: 'mail.send', data: { to: 'x' }, id, options: more })
const mark = { service: 'smtp', cause: 'breaker', reason: 'open', until: 1, since: 1, ats: 0 }
const park = (kernel: Kernel, bull: Bull, id: string, service = 'smtp', queue = 'mail') =>
  kernel.redis.hset(bull.keys(queue).job(id), 'k1nPark', JSON.stringify({ ...mark, service }))

describe('a service', () => {
  test('that nothing goes through has the queues that are declared, and nothing in them', async ({ touches, me }) => {
    const told = await touches.service(me, 'smtp')
    expect(told).toMatchObject({
      queues: [{ queue: 'mail', waiting: 0, parked: 0, held: false, uses: [{ name: 'mail.send', declared: true }] }],
      ...{ parked: 0, parked_exact: true, lately: { accepted: 0, looked_at: 0 }, flows: { data: [], total: 0, of: 0 } },
      schedules: { data: [], total: 0 },
      calls: { calls: 0, refused: 0 },
    })
    expect((await touches.service(me, 'printer')).queues).toEqual([])
  })

  test('touches jobs that are put away for it, also where nothing is declared', async ({
    touches,
    jobs,
    kernel,
    bull,
    me,
  }) => {
    await jobs.enqueue(me, mail('a', { delay_ms: 60_000 }))
    await jobs.enqueue(me, mail('b'))
    await jobs.enqueue(me, input({ name: 'report.build', data: {}, id: 'c', options: { delay_ms: 60_000 } }))
    await park(kernel, bull, 't_a')
    await park(kernel, bull, 't_c', 'printer', 'reports')
    expect(await touches.service(me, 'smtp')).toMatchObject({
      parked: 1,
      queues: [{ queue: 'mail', waiting: 1, delayed: 1, parked: 1, parked_exact: true, uses: [{ parked: 1 }] }],
      flows: { looked_at: 2, of: 2 },
    })
    expect(await touches.service(me, 'printer')).toMatchObject({
      parked: 1,
      queues: [{ queue: 'reports', uses: [{ name: 'report.build', declared: false, parked: 1 }] }],
    })
  })

  test('holds all that waits in a queue whose workers stopped fetching', async ({
    touches,
    jobs,
    kernel,
    clock,
    me,
  }) => {
    await jobs.enqueue(me, mail('a'))
    await jobs.enqueue(me, mail('b', { priority: 5 }))
    await holdQueue(kernel, 'mail', { service: 'smtp', cause: 'breaker', until: clock.now() + 9_000, reason: 'open' })
    expect(await touches.service(me, 'smtp')).toMatchObject({
      parked: 2,
      queues: [{ held: true, waiting: 2, parked: 2 }],
    })
  })

  test('is seen to be called by jobs of the last day that say so, which are told apart', async ({
    touches,
    jobs,
    kernel,
    me,
  }) => {
    const seen = input({ name: 'report.build', data: {}, id: 'r', service: 'printer' })
    const { job } = (await jobs.enqueue(me, seen)) as unknown as { job: { id: string } }
    const now = kernel.clock.now()
    await kernel.redis.zadd(
      recentJobsKey(kernel),
      now - 1_000,
      job.id,
      now - 90_000_000,
      'reports:t_old',
      now - 5,
      'reports:t_gone',
    )
    expect(await touches.service(me, 'printer')).toMatchObject({
      queues: [{ queue: 'reports', uses: [{ name: 'report.build', declared: false, seen: 1, parked: 0 }] }],
      lately: { accepted: 2, looked_at: 2, gone: 1, untold: 0 },
    })
  })

  test('is not looked for in queues of which nothing tells that it is called from them', async ({
    touches,
    jobs,
    me,
  }) => {
    await jobs.enqueue(me, mail('a'))
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'p', service: 'printer' }))
    const told = await touches.service(me, 'smtp')
    expect(told.queues).toMatchObject([{ queue: 'mail', uses: [{ name: 'mail.send', declared: true, now: 1 }] }])
    expect((await touches.service(me, 'printer')).queues).toEqual([])
  })

  test('keeps parents waiting, and what is on top of them', async ({ touches, bull, kernel, me }) => {
    const top = await bull.flow().add({
      name: 'report.build', queueName: 'reports', opts: { jobId: 'top' },
      children: [{
        name: 'report.build', queueName: 'reports', opts: { jobId: 'middle' },
        children: [
          { name: 'mail.send', queueName: 'mail', data: { to: 'x' }, opts: { jobId: 'one', delay: 60_000 } },
          { name: 'mail.send', queueName: 'mail', data: { to: 'x' }, opts: { jobId: 'two' } },
        ],
      }],
    }) // prettier-ignore
    expect(top.job.id).toBe('top')
    await park(kernel, bull, 'one')
    const { flows } = await touches.service(me, 'smtp')
    expect(flows).toMatchObject({
      total: 1,
      data: [{ id: 'reports:middle', name: 'report.build', state: 'waiting_children', above: 'reports:top', awaits: 2, parked: 1 }], // prettier-ignore
    })
    expect((await touches.service(person({ queues: ['mail'] }), 'smtp')).flows).toMatchObject({ total: 0, data: [] })
  })

  test('has schedules that go through it, soonest first, without paused ones', async ({
    touches,
    kernel,
    bull,
    me,
  }) => {
    const schedules = createSchedules(kernel, { bull, catalog: testCatalog })
    const make = (id: string, every: number, job_name = 'mail.send') =>
      schedules.create(me, ScheduleCreate.parse({
        id, name: id, job_name, data: job_name === 'mail.send' ? { to: 'x' } : {}, trigger: { type: 'interval', every_ms: every },
      })) // prettier-ignore
    await make('slow', 3_600_000)
    await make('quick', 60_000)
    await make('other', 60_000, 'report.build')
    await make('paused', 60_000)
    await schedules.pause(me, 'paused', {})
    await kernel.redis.zadd(
      kernel.key('schedules', 'next'),
      kernel.clock.now() + 60_000,
      'quick',
      kernel.clock.now() + 3_600_000,
      'slow',
    )
    const told = await touches.service(me, 'smtp')
    expect(told.schedules).toMatchObject({
      data: [{ id: 'quick', queue: 'mail', job_name: 'mail.send' }, { id: 'slow' }],
      ...{ total: 2, due_24h: 2, complete: true },
    })
  })

  test('is told to endpoints that hear of its breaker or of jobs of its queues', async ({ touches, me }) => {
    expect((await touches.service(me, 'smtp')).webhooks).toMatchObject({
      data: [
        { id: 'all', hears: ['breaker', 'jobs'], filtered: false },
        { id: 'jobs', hears: ['jobs'], filtered: true },
      ],
      total: 2,
    })
  })

  test('is told to endpoints that hear of any of its queues, also of those that are not shown', async ({
    touches,
    bull,
    kernel,
    me,
  }) => {
    const [now, opts] = [kernel.clock.now(), JSON.stringify({ k1n: { service: 'printer' } })]
    for (let n = 10; n <= 60; n++) {
      await kernel.redis.hset(bull.keys(`q${n}`).job('1'), { name: 'any', opts, data: '{}', timestamp: now })
      await kernel.redis.zadd(recentJobsKey(kernel), now, `q${n}:1`)
    }
    hooks.push(webhook('last', { event_types: ['job.failed'], queues: ['q60'] }))
    const told = await touches.service(me, 'printer')
    hooks.pop()
    expect([told.queues.length, told.queues_total]).toEqual([50, 51])
    expect(told.webhooks?.data.map(({ id }) => id)).toEqual(['all', 'last'])
  })

  test('is told in part to who may see a part', async ({ touches, jobs, me }) => {
    await jobs.enqueue(me, mail('a'))
    const other = person({ queues: ['reports'], scopes: ['services:read', 'queues:read', 'jobs:read'] })
    expect(await touches.service(other, 'smtp')).toMatchObject({
      ...{ queues: [], parked: 0, schedules: null, webhooks: null },
      lately: { accepted: null, looked_at: 0 },
    })
  })
})

test('a limit of a budget that there is not is refused by its name', async ({ touches }) => {
  await expect(touches.whatIf('printer', { budget_limit: 5 })).rejects.toMatchObject({ code: 'validation-failed' })
  expect(await touches.whatIf('smtp', { budget_limit: 30 })).toMatchObject({ changed: { calls: 0 } })
})

describe('the sample of a day', () => {
  test('is all of it where there is little, else lies evenly over it', () => {
    expect(stretchesOf(0)).toEqual([])
    expect(stretchesOf(1_000)).toEqual([[0, 999]])
    const many = stretchesOf(100_000)
    expect(many).toHaveLength(20)
    expect([many[0], many[19]]).toEqual([[0, 49], [99_950, 99_999]]) // prettier-ignore
    const barely = stretchesOf(1_001)
    expect(new Set(barely.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))).size).toBe(1_000) // prettier-ignore
  })
})

describe('a version of workers', () => {
  const beat = (id: string, version: string, slots: Record<string, number>, now: number, more: object = {}) => ({
    ...{ id, version, slots, host: 'h', pid: 1, running: 0, started_at: now, last_seen_at: now, last_fetch_at: now },
    ...{ rss_bytes: 1, ...more },
  })

  test('touches queues that nobody else works on first, and names that only it knows', async ({
    touches,
    registry,
    kernel,
    me,
    jobs,
  }) => {
    const now = kernel.clock.now()
    await jobs.enqueue(me, mail('a'))
    const active = [{ queue: 'mail', id: 't_a', name: 'mail.send', started_at: now }]
    await registry.beat(beat('w_new', '2', { mail: 5, reports: 1 }, now, { names: ['mail.send', 'report.build'], running: 1, active })) // prettier-ignore
    await registry.beat(beat('w_old', '1', { reports: 3 }, now, { names: ['report.build'] }))
    expect(await touches.version(me, '2')).toMatchObject({
      workers: [{ id: 'w_new', state: 'running' }],
      running: 1,
      queues: [
        { queue: 'mail', slots: 5, other_slots: 0, waiting: 1, running: 1, only_here: ['mail.send'] },
        { queue: 'reports', slots: 1, other_slots: 3, only_here: [] },
      ],
      services: [{ service: 'smtp', names: ['mail.send'] }],
      flows: { total: 0, looked_at: 1, of: 1 },
    })
    // A worker names a hundred of the jobs it runs; how many there are it knows.
    await registry.beat(beat('w_new', '2', { mail: 500 }, now, { names: ['mail.send'], running: 300, active }))
    expect(await touches.version(me, '2')).toMatchObject({ running: 300, flows: { looked_at: 1, of: 300 } })
    await registry.beat(beat('w_new', '2', { mail: 5, beside: 5 }, now, { running: 3, active }))
    expect(await touches.version(person({ queues: ['mail'] }), '2')).toMatchObject({
      workers: [{ running: 1 }],
      running: 1,
    })
    await expect(touches.version(me, '3')).rejects.toMatchObject({ code: 'worker-not-found' })
    await expect(touches.version(person({ queues: ['else'] }), '2')).rejects.toMatchObject({ code: 'worker-not-found' })
  })
})

describe('a key', () => {
  const key = (created_at: string) => ({ id: 'key_9', queues: ['*'], subscriber: null, created_at }) as ApiKey

  test('changed nothing before it was made, so that no more than that is looked through', async ({ touches, audited, clock, me }) => {
    const ago = (ms: number): string => new Date(clock.now() - ms).toISOString()
    expect((await touches.key(me, key(ago(600_000)))).changes).toMatchObject({ since: ago(86_400_000), total: 0 })
    await touches.key(me, key(ago(9 * 86_400_000)))
    expect(audited.mock.calls.map(([{ actor, from }]) => [actor, from])).toEqual([
      [['key_9'], ago(660_000)],
      [['key_9'], ago(86_400_000)],
    ])
  }) // prettier-ignore
})
