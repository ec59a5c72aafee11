// Job schedulers that other services made, over HTTP: listed as they are, adopted when somebody says so, and otherwise left alone.
import { Queue } from 'bullmq'
import { describe, expect, expectProblem, test as base } from '../fixtures.ts'
import { RECORDS_MAX, createScheduleStore } from '../../../shared/schedules/store.ts'
import { record } from '../../support/schedules.ts'

const path = '/api/v2/scheduler/foreign'

/** A queue of another service. */
const test = base.extend<{ theirs: Queue }>({
  theirs: async ({ kernel }, use) => {
    const queue = new Queue('letters', { connection: kernel.redis, prefix: kernel.bullPrefix })
    await queue.waitUntilReady()
    await queue.upsertJobScheduler('weekly', { pattern: '0 8 * * 1', tz: 'Europe/Berlin' }, { name: 'letter.write' })
    await use(queue)
  },
})

describe('schedulers of other services', () => {
  test('200 are listed with what they say, of queues the key may use', async ({ door, theirs }) => {
    await theirs.upsertJobScheduler('often', { every: 200 }, { name: 'letter.write' })
    const reply = await door.send('GET', path)
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({
      truncated: false,
      data: [
        { scheduler_id: 'often', trigger: null, description: null, adoptable: false, why_not: /every 200 ms/ },
        {
          queue: 'letters',
          scheduler_id: 'weekly',
          job_name: 'letter.write',
          trigger: { type: 'cron', expression: '0 8 * * 1', timezone: 'Europe/Berlin' },
          description: 'at 08:00, only on Monday (Europe/Berlin)',
          timezone: 'Europe/Berlin',
          runs: 1,
          adoptable: true,
          why_not: null,
        },
      ].map((row) => ({ ...row, ...(row.why_not instanceof RegExp ? { why_not: expect.stringMatching(row.why_not) as unknown } : {}) })), // prettier-ignore
    })
    expect(await door.client.schedules.foreign({ query: { queue: ['others'] } })).toEqual({
      data: [],
      truncated: false,
    })
    const headers = { authorization: `Bearer ${await door.keyWith(['schedules:read'], ['mail'])}` }
    expect((await door.send('GET', path, { headers })).json).toEqual({ data: [], truncated: false })
    expect(await theirs.getJobSchedulersCount()).toBe(2)
  })

  test('201 become schedules, and 200 stay what they have become', async ({ door, theirs }) => {
    const made = await door.send('POST', `${path}/letters/weekly/adopt`)
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe('/api/v2/scheduler/schedules/weekly')
    expect(made.json).toMatchObject({ id: 'weekly', origin: 'adopted', queue: 'letters', job_name: 'letter.write' })
    expect(made.json).toHaveProperty('next_run_at', expect.any(String))
    expect(await theirs.getJobSchedulersCount()).toBe(0)
    expect(await theirs.getDelayedCount()).toBe(0)
    const again = await door.client.schedules.adopt({ params: { queue: 'letters', scheduler_id: 'weekly' } })
    expect(again).toEqual(made.json)
  })
})

describe('what is not adopted', () => {
  test('404: what is not there, is ours, or may not be used', async ({ door, theirs }) => {
    const headers = { authorization: `Bearer ${await door.keyWith(['schedules:write'], ['mail'])}` }
    for (const where of ['letters/none', 'nowhere/weekly', 'k1n-schedules/weekly'])
      expectProblem(await door.send('POST', `${path}/${where}/adopt`), 404, 'foreign-scheduler-not-found')
    const refused = await door.send('POST', `${path}/letters/weekly/adopt`, { headers })
    expectProblem(refused, 404, 'foreign-scheduler-not-found')
    expect(await theirs.getJobSchedulersCount()).toBe(1)
  })

  test('409: what a schedule cannot say, told why', async ({ door, theirs }) => {
    await theirs.upsertJobScheduler('often', { every: 200 }, { name: 'letter.write' })
    const refused = expectProblem(await door.send('POST', `${path}/letters/often/adopt`), 409, 'cannot-adopt')
    expect(refused['detail']).toMatch(/every 200 ms/)
    expect(await theirs.getJobSchedulersCount()).toBe(2)
  })

  test('409: more schedules than are kept', async ({ door, kernel, theirs }) => {
    await createScheduleStore(kernel).save(
      { schedule_id: 'one', queue: 'reports', change: 'created', actor: 'Ada' },
      0,
      record('one'),
    )
    const filler = Object.fromEntries(Array.from({ length: RECORDS_MAX }, (_, n) => [`s${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('schedules', 'records'), filler)
    expectProblem(await door.send('POST', `${path}/letters/weekly/adopt`), 409, 'too-many-schedules')
    expect(await theirs.getJobSchedulersCount()).toBe(1)
  })

  test('422: jobs that go to workers of ours who do not know them', async ({ door, kernel }) => {
    const ours = new Queue('reports', { connection: kernel.redis, prefix: kernel.bullPrefix, skipMetasUpdate: true })
    await ours.upsertJobScheduler('weekly', { pattern: '0 8 * * 1', tz: 'UTC' }, { name: 'letter.write' })
    expectProblem(await door.send('POST', `${path}/reports/weekly/adopt`), 422, 'unknown-job-name')
    expect(await ours.getJobSchedulersCount()).toBe(1)
  })
})

describe('where k1n may only observe', () => {
  test.override({ settings: { K1N_ATTACH: 'observe' } })

  test('409: nothing is adopted, and the answer says why', async ({ door, theirs }) => {
    const refused = expectProblem(await door.send('POST', `${path}/letters/weekly/adopt`), 409, 'cannot-adopt')
    expect(refused['detail']).toMatch(/K1N_ATTACH=observe/)
    expect(await theirs.getJobSchedulersCount()).toBe(1)
  })
})
