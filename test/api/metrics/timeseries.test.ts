// GET /stats/timeseries: every status its row names, and what each metric tells.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { totalsKey } from '../../../shared/metrics/buckets.ts'
import { FINE_MS, slotNo } from '../../../shared/metrics/slots.ts'
import { kill } from '../work.ts'

describe('GET /stats/timeseries', () => {
  test('200 tells dead letters by cause, and nothing where nothing is known', async ({ door }) => {
    const { kernel, rooms } = door.api
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    await kill(door, 'http')
    await createRecorder(kernel, rooms.bull).catchUp()
    const no = slotNo(kernel.clock.now(), FINE_MS)
    await kernel.redis.hset(totalsKey(kernel, no - 1, FINE_MS), { waiting: 0 })
    const query = { metric: 'dlq', group_by: 'fingerprint' } as const
    const series = await door.client.metrics.timeseries({ query })
    expect(series).toMatchObject({ step_s: 15, partial_last: true, truncated: false, marks: [] })
    expect(series.x).toHaveLength(241)
    const [cause, left, open] = series.series
    expect(cause).toMatchObject({ unit: 'jobs', kind: 'sum', label: expect.any(String) as string })
    expect(series.totals).toEqual({ [cause?.key ?? '']: 1, left: 0 })
    expect(open).toMatchObject({ key: 'open', kind: 'level' })
    expect(open?.y.at(-1)).toBe(1)
    expect(left?.y.slice(0, 239).every((count) => count === null)).toBe(true)
    expect(left?.y.at(-1)).toBe(0)
    const reply = await door.send('GET', '/api/v2/stats/timeseries?metric=dlq&queue=elsewhere')
    expect(reply.json).toMatchObject({ totals: { added: 0 } })
  })

  test('200 tells retries and what they wasted', async ({ door }) => {
    const { kernel, rooms } = door.api
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    await kill(door, 'http')
    await createRecorder(kernel, rooms.bull).catchUp()
    const to = new Date(kernel.clock.now()).toISOString()
    const from = new Date(kernel.clock.now() - 24 * 3_600_000).toISOString()
    const series = await door.client.metrics.timeseries({ query: { metric: 'retry_waste', from, to } })
    expect(series).toMatchObject({ from, to, step_s: 300 })
    expect(series.series.map(({ key }) => key)).toEqual(['wasted_s', 'delay_s'])
    expect(Object.keys(series.totals)).toEqual(['wasted_s'])
  })

  test('200 tells what retries wasted in ninety days', async ({ door }) => {
    const { kernel, rooms } = door.api
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    await kill(door, 'http')
    await createRecorder(kernel, rooms.bull).catchUp()
    const from = new Date(kernel.clock.now() - 90 * 24 * 3_600_000).toISOString()
    const series = await door.client.metrics.timeseries({ query: { metric: 'retry_waste', from } })
    expect(series).toMatchObject({ step_s: 21_600, partial_last: true, truncated: false })
    expect(series.x.length).toBeLessThanOrEqual(400)
    const [wasted] = series.series
    expect(wasted?.y.at(-1)).toEqual(expect.any(Number))
    expect(wasted?.y.slice(0, -1).every((value) => value === null)).toBe(true)
    const dead = await door.client.metrics.timeseries({ query: { metric: 'dlq', group_by: 'fingerprint', from } })
    expect(dead.series[0]?.y.at(-1)).toBe(1)
    for (const key of await kernel.redis.keys(kernel.key('metrics', '*')))
      expect(await kernel.redis.ttl(key)).toBeGreaterThan(0)
  })

  test('200 marks when a breaker opened, for who may see breakers', async ({ door }) => {
    const { client } = door
    const params = { service: 'crm.example' }
    await client.services.create({ body: { name: params.service } })
    await client.breakers.forceOpen({ params, body: { reason: 'Maintenance', ttl_s: 60 } })
    const { marks } = await client.metrics.timeseries({ query: { metric: 'dlq' } })
    expect(marks).toEqual([{ at: expect.any(Number) as number, kind: 'breaker_opened', text: params.service }])
    const key = await door.keyWith(['metrics:read'])
    const path = '/api/v2/stats/timeseries?metric=dlq'
    const reply = await door.send('GET', path, { headers: { authorization: `Bearer ${key}` } })
    expect(reply.json).toMatchObject({ marks: [] })
  })

  test('200 tells that a span began too long ago', async ({ door }) => {
    const query = { metric: 'retry_waste', from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' } as const
    expect(await door.client.metrics.timeseries({ query })).toMatchObject({ x: [], truncated: true })
  })

  test.for([
    '',
    '?metric=everything',
    '?metric=retry_waste&group_by=fingerprint',
    '?metric=dlq&from=yesterday',
    '?metric=dlq&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])('400 invalid-parameter: %s', async (query, { door }) => {
    expectProblem(await door.send('GET', `/api/v2/stats/timeseries${query}`), 400, 'invalid-parameter')
  })
})
