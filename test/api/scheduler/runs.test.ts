// What schedules did and will do, and triggering one by hand.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'
import { carry } from '../../../shared/schedules/carry.ts'
import { createCarrying } from '../../../shared/schedules/executor.ts'
import { createScheduleStore } from '../../../shared/schedules/store.ts'
import { definition, record } from '../../support/schedules.ts'

const HOUR = 3_600_000
type Given = Parameters<typeof definition>[0]

/**
 * Keeps a schedule that makes HTTP requests and began some hours ago, and carries out what is due of it. Its slots are
 * half an hour from now, so that none comes due while a test looks.
 */
const put = async ({ api: { kernel, rooms } }: Door, id: string, given: Given = {}, over: object = {}) => {
  const now = kernel.clock.now()
  const began = now - 4 * HOUR
  const made = {
    ...record(id),
    definition: definition({
      job_name: 'http.request',
      data: { url: 'http://example.com/' },
      trigger: { type: 'interval', every_ms: HOUR, offset_ms: (now + HOUR / 2) % HOUR },
      ...given,
    }),
    ...{ createdAt: began, since: began, ...over },
  }
  const told = { schedule_id: id, queue: 'http', change: 'created', actor: 'Ada' } as const
  await createScheduleStore(kernel).save(told, 0, made)
  await carry(createCarrying(kernel, rooms.bull, rooms.catalog), id)
}

const path = '/api/v2/scheduler'

describe('triggerSchedule', () => {
  test('202 makes a job, once for one key, beside the slots', async ({ door }) => {
    await put(door, 'digest')
    const url = `${path}/schedules/digest/trigger`
    const options = { body: { reason: 'to see', data: { url: 'http://example.com/now' } }, headers: { 'idempotency-key': 'k' } } // prettier-ignore
    const reply = await door.send('POST', url, options)
    expect(reply).toMatchObject({ status: 202, json: { schedule_id: 'digest', queue: 'http' } })
    const { task_id } = reply.json as { task_id: string }
    expect(reply.headers.get('location')).toBe(`/api/v2/jobs/${encodeURIComponent(task_id)}`)
    let again = await door.send('POST', url, options)
    while (again.status === 409) again = await door.send('POST', url, options)
    expect(again.json).toEqual(reply.json)
    const job = await door.client.jobs.show({ params: { task_id } })
    expect(job).toMatchObject({ state: 'waiting', data: { url: 'http://example.com/now' } })
    const { data } = await door.client.scheduleRuns.runs({ params: { schedule_id: 'digest' } })
    expect(data.filter(({ source }) => source === 'manual')).toMatchObject([
      { task_id, status: 'triggered', reason: 'to see', actor: 'admin' },
    ])
  })

  test('404 schedule-not-found, also for one whose queue the key may not use', async ({ door }) => {
    await put(door, 'digest')
    const key = await door.keyWith(['schedules:write', 'schedules:read'], ['mail'])
    const headers = { authorization: `Bearer ${key}` }
    for (const id of ['digest', 'nothing']) {
      const options = { body: {}, headers }
      expectProblem(await door.send('POST', `${path}/schedules/${id}/trigger`, options), 404, 'schedule-not-found')
      expectProblem(await door.send('GET', `${path}/schedules/${id}/runs`, { headers }), 404, 'schedule-not-found')
    }
  })

  test('409 schedule-paused, unless it is forced', async ({ door }) => {
    await put(door, 'digest', {}, { pause: { reason: 'a storm', by: 'Ada', at: 0, until: null } })
    const url = `${path}/schedules/digest/trigger`
    const problem = expectProblem(await door.send('POST', url, { body: {} }), 409, 'schedule-paused')
    expect(problem['detail']).toContain('a storm')
    const forced = await door.client.scheduleRuns.trigger({ params: { schedule_id: 'digest' }, body: { force: true } })
    expect(forced).toMatchObject({ queue: 'http' })
  })

  test('422 validation-failed when its kind does not take the payload', async ({ door }) => {
    await put(door, 'digest')
    const body = { data: { url: 7 } }
    const reply = await door.send('POST', `${path}/schedules/digest/trigger`, { body })
    expectProblem(reply, 422, 'validation-failed')
    expect(reply.json).toMatchObject({ errors: [{ pointer: '#/data' }] })
  })

  test('429 triggered-just-now', async ({ door }) => {
    await put(door, 'digest')
    const url = `${path}/schedules/digest/trigger`
    await door.send('POST', url, { body: {} })
    const reply = await door.send('POST', url, { body: {} })
    expectProblem(reply, 429, 'triggered-just-now')
    expect(reply.headers.get('retry-after')).toBe('1')
  })
})

describe('listScheduleRuns and listSchedulerHistory', () => {
  test('200 tell runs and skips, newest first, page after page', async ({ door }) => {
    await put(door, 'digest')
    await put(door, 'other', { misfire: 'skip' })
    const { data } = await door.client.scheduleRuns.runs({ params: { schedule_id: 'digest' } })
    expect(data.map(({ status, slots, skipped }) => [status, slots, skipped])).toEqual([
      ['triggered', 1, null],
      ['skipped', 3, 'missed'],
    ])
    const walked = []
    let cursor: string | null = null
    do {
      const query = { limit: 1, ...(cursor === null ? {} : { cursor }) }
      const page: Awaited<ReturnType<typeof door.client.scheduleRuns.history>> = await door.client.scheduleRuns.history(
        { query },
      )
      walked.push(...page.data)
      cursor = page.page.next_cursor
    } while (cursor !== null)
    expect(walked).toHaveLength(3)
    const times = walked.map(({ scheduled_for, until }) => until ?? scheduled_for)
    expect(times).toEqual([...times].sort().reverse())
    const { data: one } = await door.client.scheduleRuns.history({ query: { schedule: 'other' } })
    expect(one).toMatchObject([{ schedule_id: 'other', slots: 4 }])
    const from = new Date(Date.now() + HOUR).toISOString()
    expect((await door.client.scheduleRuns.history({ query: { from } })).data).toEqual([])
  })
})

describe('listUpcomingRuns', () => {
  test('200 tells the next slots, with how many more there are and what clocks do', async ({ door }) => {
    await put(door, 'hourly')
    await put(door, 'nightly', { trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' } })
    const { data, complete } = await door.client.scheduleRuns.upcoming({ query: {} })
    expect(complete).toBe(true)
    const hourly = data.filter(({ schedule_id }) => schedule_id === 'hourly')
    expect(hourly.map(({ more }) => more)).toEqual([null, null, 21])
    expect(data.filter(({ schedule_id }) => schedule_id === 'nightly')).toMatchObject([
      { local: expect.stringMatching(/T02:30:00.000\+0[12]:00$/) as unknown, more: 0 },
    ])
    expect(data.map(({ at }) => at)).toEqual([...data.map(({ at }) => at)].sort())
    const key = await door.keyWith(['schedules:read'], ['mail'])
    const reply = await door.send('GET', `${path}/upcoming`, { headers: { authorization: `Bearer ${key}` } })
    expect(reply).toMatchObject({ status: 200, json: { data: [] } })
  })
})

describe('getSchedulerMetrics', () => {
  test('200 counts what was made and what was missed', async ({ door }) => {
    await put(door, 'digest')
    await put(door, 'resting', {}, { pause: { reason: null, by: 'Ada', at: 0, until: null } })
    const reply = await door.send('GET', '/api/metrics/scheduler?window=5m')
    expect(reply).toMatchObject({
      status: 200,
      json: {
        ...{ window_s: 300, active: 1, paused: 1, triggered: 1, misfired: 3, skipped: 0 },
        next_runs: [{ schedule_id: 'digest' }],
      },
    })
  })
})
