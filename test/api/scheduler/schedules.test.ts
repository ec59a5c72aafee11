// Schedules over HTTP: made, listed, changed, paused, previewed and deleted, and refused with what to do.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'
import { ScheduleCreate } from '../../../shared/schedules/contract.ts'
import type { Schedule } from '../../../shared/schedules/contract.ts'
import { RECORDS_MAX, createScheduleStore } from '../../../shared/schedules/store.ts'
import { record } from '../../support/schedules.ts'

const path = '/api/v2/scheduler/schedules'
const body = {
  name: 'Nightly report',
  job_name: 'demo.report',
  data: { title: 'Of {{slot.date}}' },
  trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' },
} as const
const make = ({ send }: Pick<Door, 'send'>, id: string, more: object = {}) =>
  send('PUT', `${path}/${id}`, { body: { ...body, ...more } })

const onEvents = (more: object = {}) => ({ data: {}, trigger: { type: 'event', event: 'order.*', ...more } })

describe('a schedule', () => {
  test('201 is made under an id of its own or a given one, and shown with its next time', async ({ door }) => {
    const made = await door.send('POST', '/api/v2/scheduler/schedules', { body: { ...body, id: 'nightly' } })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`${path}/nightly`)
    expect(made.json).toMatchObject({
      id: 'nightly',
      origin: 'api',
      queue: 'reports',
      description: 'at 02:30 (Europe/Berlin)',
      overlap: 'allow',
      misfire: 'run_once',
      paused: null,
      declared: null,
      changed: [],
      last_run: null,
      run_count: 0,
      by: 'admin',
    })
    const shown = await door.send('GET', `${path}/nightly`)
    expect(shown.json).toEqual(made.json)
    expect(shown.headers.get('etag')).toBe(`"${(made.json as Schedule).version}"`)
    const unnamed = await door.client.schedules.create({ body })
    expect(unnamed.id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('200 is told once for each change, and one key makes one', async ({ door }) => {
    const headers = { 'idempotency-key': 'once' }
    const a = await door.send('POST', path, { body, headers })
    // An answer is kept a moment after it was given.
    let b = await door.send('POST', path, { body, headers })
    while (b.status === 409) b = await door.send('POST', path, { body, headers })
    const { id } = a.json as Schedule
    expect((b.json as Schedule).id).toBe(id)
    // Also where the first answer was lost before it was kept.
    const me = await door.api.rooms.auth.keys.identify(door.adminKey)
    const again = await door.api.rooms.schedules.create(me, ScheduleCreate.parse(body), 'once')
    expect(again).toEqual(a.json)
    await door.client.schedules.pause({ params: { schedule_id: id }, body: { reason: 'holidays' } })
    await door.client.schedules.remove({ params: { schedule_id: id } })
    const facts = (await door.api.rooms.log.readAfter('0-0', 100)).filter(({ name }) => name.startsWith('scheduler.'))
    expect(facts.map(({ data }) => (JSON.parse(data) as { change: string }).change)).toEqual(['created', 'paused', 'deleted']) // prettier-ignore
    expectProblem(await door.send('GET', `${path}/${id}`), 404, 'schedule-not-found')
  })

  test('200 is changed member by member, and set as a whole', async ({ door }) => {
    await make(door, 'nightly', { jitter_ms: 1_000, tags: ['a'] })
    const params = { schedule_id: 'nightly' }
    const edited = await door.client.schedules.edit({ params, body: { overlap: 'skip', tags: ['b'] } })
    expect(edited).toMatchObject({ overlap: 'skip', jitter_ms: 1_000, tags: ['b'], name: body.name })
    const put = await door.client.schedules.put({ params, body: { ...body, name: 'Anew' } })
    expect(put).toMatchObject({ overlap: 'allow', jitter_ms: 0, tags: [], name: 'Anew', created_at: edited.created_at })
  })

  test('200 is paused until a time and resumed', async ({ door }) => {
    await make(door, 'nightly')
    const params = { schedule_id: 'nightly' }
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const paused = await door.client.schedules.pause({ params, body: { reason: 'holidays', until } })
    expect(paused.paused).toMatchObject({ reason: 'holidays', by: 'admin', until })
    expect(Date.parse(paused.next_run_at ?? '')).toBeGreaterThan(Date.parse(until))
    const endless = await door.client.schedules.pause({ params, body: {} })
    expect(endless).toMatchObject({ next_run_at: null, paused: { reason: null, until: null } })
    const resumed = await door.client.schedules.resume({ params })
    expect(resumed.paused).toBeNull()
    expect((await door.client.schedules.resume({ params })).version).toBe(resumed.version)
    expect(await door.client.schedules.show({ params })).toEqual(resumed)
    const late = await door.send('POST', `${path}/nightly/pause`, { body: { until: '2020-01-01T00:00:00.000Z' } })
    expect(expectProblem(late, 422, 'validation-failed')['errors']).toMatchObject([{ pointer: '#/until' }])
  })

  test('200 of code is reset to what code says, and 409 is not deleted', async ({ door, kernel }) => {
    const { definition } = record('x')
    const declared = { ...definition, job_name: 'demo.report', data: { title: 'x' } }
    const told = { schedule_id: 'coded', queue: 'reports', change: 'created', actor: 'code' } as const
    await createScheduleStore(kernel).save(told, 0, record('coded', { origin: 'code', definition: declared, declared }))
    const params = { schedule_id: 'coded' }
    const edited = await door.client.schedules.edit({ params, body: { overlap: 'skip', grace_ms: 5_000 } })
    expect(edited).toMatchObject({ overlap: 'skip', changed: ['overlap', 'grace_ms'], declared: { overlap: 'allow' } }) // prettier-ignore
    const half = await door.client.schedules.reset({ params, body: { members: ['overlap'] } })
    expect(half).toMatchObject({ overlap: 'allow', grace_ms: 5_000, changed: ['grace_ms'] })
    expect(await door.client.schedules.reset({ params })).toMatchObject({ grace_ms: 60_000, changed: [] })
    expectProblem(await door.send('DELETE', `${path}/coded`), 409, 'schedule-declared')
  })

  test('201 makes jobs of other services, for a queue that is there and with what their workers can do', async ({
    door,
  }) => {
    await door.api.rooms.bull.queue('legacy').add('sync', {})
    const legacy = { ...body, job_name: 'sync', queue: 'legacy', data: { any: 'thing' } }
    const made = await make(door, 'sync', legacy)
    expect([made.status, (made.json as Schedule).queue]).toEqual([201, 'legacy'])
    const job_options = { backoff: { type: 'custom', delays: [1_000] } }
    const refused = expectProblem(await make(door, 'sync', { ...legacy, job_options }), 422, 'validation-failed')
    expect(refused['errors']).toMatchObject([{ pointer: '#/job_options/backoff/type' }])
  })

  test('200 that is over may still be renamed, and not be given another time that is over', async ({
    door,
    kernel,
  }) => {
    const trigger = { type: 'once', run_at: '2020-01-01T00:00:00.000Z' } as const
    const over = record('over', { definition: { ...record('x').definition, job_name: 'demo.report', data: { title: 'x' }, trigger } }) // prettier-ignore
    const told = { schedule_id: 'over', queue: 'reports', change: 'created', actor: 'Ada' } as const
    await createScheduleStore(kernel).save(told, 0, over)
    const params = { schedule_id: 'over' }
    const renamed = await door.client.schedules.edit({ params, body: { name: 'Was' } })
    expect(renamed).toMatchObject({ name: 'Was', next_run_at: null })
    const again = { trigger: { ...trigger, run_at: '2020-01-02T00:00:00.000Z' } }
    expectProblem(await door.send('PATCH', `${path}/over`, { body: again }), 422, 'validation-failed')
  })

  test('200 is previewed with what clocks show, what its spread does, and when there are no more', async ({ door }) => {
    await make(door, 'nightly', { spread_ms: 60_000, jitter_ms: 60_000, end_at: '2098-03-31T00:00:00.000Z' })
    const from = '2098-03-29T00:00:00.000Z'
    const reply = await door.send('GET', `${path}/nightly/preview?count=5&from=${from}`)
    const { times, complete } = reply.json as { complete: boolean; times: Record<string, string>[] }
    expect(complete).toBe(true)
    expect(times.map(({ local }) => local)).toEqual(['2098-03-29T02:30:00.000+01:00', '2098-03-30T03:30:00.000+02:00'])
    expect(times[1]?.['note']).toMatch(/clocks go forward/)
    for (const { at = '', planned_at = '', latest_at = '' } of times) {
      expect(Date.parse(planned_at)).toBeGreaterThanOrEqual(Date.parse(at))
      expect(Date.parse(latest_at)).toBeGreaterThan(Date.parse(planned_at))
    }
    const first = await door.client.schedules.preview({ params: { schedule_id: 'nightly' }, query: { count: 1 } })
    expect(first.complete).toBe(false)
  })
})

test('200 lists schedules by id, by filter, and page by page', async ({ door }) => {
  for (const [id, more] of [
    ['c', {}],
    ['a', { tags: ['x'] }],
    ['b', { name: 'Other' }],
  ] as const)
    await make(door, id, more)
  await door.client.schedules.pause({ params: { schedule_id: 'c' } })
  const ids = async (query: object) => (await door.client.schedules.list({ query })).data.map(({ id }) => id)
  expect(await ids({})).toEqual(['a', 'b', 'c'])
  expect(await ids({ enabled: 'true' })).toEqual(['a', 'b'])
  expect(await ids({ enabled: 'false' })).toEqual(['c'])
  expect(await ids({ tag: ['x', 'y'] })).toEqual(['a'])
  expect(await ids({ q: 'OTHER' })).toEqual(['b'])
  expect(await ids({ queue: ['mail'] })).toEqual([])
  expect(await ids({ origin: ['code'] })).toEqual([])
  const first = await door.client.schedules.list({ query: { limit: 2 } })
  const cursor = first.page.next_cursor ?? ''
  expect(await ids({ limit: 2, cursor })).toEqual(['c'])
  expectProblem(await door.send('GET', `${path}?cursor=${cursor}&q=x`), 400, 'invalid-cursor')
})

describe('who may not', () => {
  test('404 use a queue does not see its schedules, nor writes over one', async ({ door }) => {
    await make(door, 'nightly')
    const headers = { authorization: `Bearer ${await door.keyWith(['schedules:read', 'schedules:write'], ['mail'])}` }
    for (const [method, rest, sent] of [
      ['GET', ''],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['PUT', '', body],
      ['POST', '/pause', {}],
      ['GET', '/preview'],
    ] as const)
      // prettier-ignore
      expectProblem(
        await door.send(method, `${path}/nightly${rest}`, { headers, ...(sent === undefined ? {} : { body: sent }) }),
        404,
        'schedule-not-found',
      )
    expect((await door.send('GET', path, { headers })).json).toMatchObject({ data: [] })
    expectProblem(await door.send('POST', path, { headers, body }), 422, 'unknown-job-name')
  })

  test('200 see payloads is shown everything else', async ({ door }) => {
    await make(door, 'nightly')
    const headers = { authorization: `Bearer ${await door.keyWith(['schedules:read'])}` }
    const reply = await door.send('GET', `${path}/nightly`, { headers })
    expect(reply.json).toMatchObject({ id: 'nightly' })
    expect(reply.json).not.toHaveProperty('data')
  })
})

describe('what cannot be', () => {
  test('409: an id that is taken, and more schedules than are kept', async ({ door, kernel }) => {
    await make(door, 'nightly')
    expectProblem(await door.send('POST', path, { body: { ...body, id: 'nightly' } }), 409, 'already-exists')
    const filler = Object.fromEntries(Array.from({ length: RECORDS_MAX }, (_, n) => [`s${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('schedules', 'records'), filler)
    expectProblem(await door.send('POST', path, { body }), 409, 'too-many-schedules')
  })

  test('412: of two changes to one version one is made, and what must be new is new', async ({ door }) => {
    const version = (await make(door, 'nightly')).headers.get('etag') ?? ''
    const headers = { 'if-match': version }
    const edit = () => door.send('PATCH', `${path}/nightly`, { body: { name: 'x' }, headers })
    const [a, b] = await Promise.all([edit(), edit()])
    expect([a.status, b.status].sort()).toEqual([200, 412])
    expectProblem(await door.send('DELETE', `${path}/nightly`, { headers }), 412, 'precondition-failed')
    const isNew = { 'if-none-match': '*' }
    expectProblem(await door.send('PUT', `${path}/nightly`, { body, headers: isNew }), 412, 'precondition-failed')
  })

  test('422: a job nobody has a handler for, and a queue that is not there', async ({ door }) => {
    const reply = await door.send('POST', path, { body: { ...body, job_name: 'nobody' } })
    expect(expectProblem(reply, 422, 'unknown-job-name')['errors']).toMatchObject([{ pointer: '#/job_name' }])
    const foreign = { ...body, job_name: 'nobody', queue: 'nowhere' }
    expectProblem(await door.send('POST', path, { body: foreign }), 422, 'unknown-job-name')
  })

  const refusals: [what: string, more: object, pointer: string][] = [
    ['a cron expression that is none', { trigger: { type: 'cron', expression: '61 * * * *' } }, '#/trigger/expression'],
    ['a zone that is none', { trigger: { ...body.trigger, timezone: 'Europe/Potsdam' } }, '#/trigger/timezone'],
    [
      'a rule that never comes',
      { trigger: { type: 'rrule', rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', dtstart: '2026-01-01T00:00' } },
      '#/trigger/rule',
    ],
    ['a time that is over', { trigger: { type: 'once', run_at: '2020-01-01T00:00:00.000Z' } }, '#/trigger/run_at'],
    ['an end that is over', { end_at: '2020-01-01T00:00:00.000Z' }, '#/end_at'],
    [
      'an end before the start',
      { start_at: '2099-01-02T00:00:00.000Z', end_at: '2099-01-01T00:00:00.000Z' },
      '#/end_at',
    ],
    ['a payload that its jobs do not take', { data: { title: 7 } }, '#/data/title'],
    ['a place that nothing fills', { data: { title: '{{slot.moon}}' } }, '#/data/title'],
    ['a place of an event without one', { data: { title: '{{event.id}}' } }, '#/data/title'],
    ['another queue than its jobs have', { queue: 'mail' }, '#/queue'],
    [
      'a jitter longer than the pause between two slots',
      { trigger: { type: 'interval', every_ms: 1_000 }, jitter_ms: 1_000 },
      '#/jitter_ms',
    ],
    [
      'a spread longer than that, where jobs may not run beside one another',
      { trigger: { type: 'interval', every_ms: 60_000 }, spread_ms: 59_000, jitter_ms: 1_000, overlap: 'skip' },
      '#/spread_ms',
    ],
    ['what only times can do, on events', { ...onEvents(), grace_ms: 5_000 }, '#/grace_ms'],
    [
      'what runs beside what, where events are gathered',
      { ...onEvents({ debounce_ms: 5_000 }), overlap: 'skip' },
      '#/overlap',
    ],
    ['an id of a page', { id: 'new' }, '#/id'],
    ['a member that is none', { moon: 1 }, '#/moon'],
  ]
  test('422: each mistake is told by its member', async ({ door }) => {
    for (const [what, more, pointer] of refusals) {
      const refused = expectProblem(
        await door.send('POST', path, { body: { ...body, ...more } }),
        422,
        'validation-failed',
      )
      expect([what, (refused['errors'] as { pointer: string }[])[0]?.pointer]).toEqual([what, pointer])
    }
  })

  test('422: what a change would make of it', async ({ door }) => {
    await make(door, 'nightly')
    const reply = await door.send('PATCH', `${path}/nightly`, { body: { data: { title: 7 } } })
    expect(expectProblem(reply, 422, 'validation-failed')['errors']).toMatchObject([{ pointer: '#/data/title' }])
  })
})

test('403 resource-forbidden: nobody has what they may not hear of made into their own job', async ({ door }) => {
  const { trigger } = onEvents()
  expect((await make(door, 'orders', { trigger })).status).toBe(201)
  const edit = async (key: string, id: string, change: object) =>
    door.send('PATCH', `${path}/${id}`, { body: change, headers: { authorization: `Bearer ${key}` } })
  const blind = await door.keyWith(['schedules:read', 'schedules:write'])
  const narrow = await door.keyWith(['schedules:read', 'schedules:write', 'events:read'], ['reports'])
  const mine = { data: { title: '{{event.data.secret}}' } }
  for (const key of [blind, narrow]) expectProblem(await edit(key, 'orders', mine), 403, 'resource-forbidden')
  expect((await make(door, 'times')).status).toBe(201)
  expect((await edit(narrow, 'times', { trigger })).status).toBe(200)
  expect((await edit(narrow, 'times', mine)).status).toBe(200)
  expectProblem(await edit(blind, 'times', mine), 403, 'resource-forbidden')
})
