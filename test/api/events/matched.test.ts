// Events that set schedules off: the answer names the jobs, which are made once, whatever way the event came and however often.
import { describe, expect, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

/** A schedule that asks for an address with what the event says. */
const bill = (door: Door, trigger: object) =>
  door.send('POST', '/api/v2/scheduler/schedules', {
    body: {
      id: 'bill',
      name: 'Bill',
      job_name: 'http.request',
      data: { url: 'http://billing.example/', body: { order: '{{event.data.order}}', at: '{{event.id}}' } },
      trigger: { type: 'event', ...trigger },
    },
  })

interface Accepted {
  event_id: string
  duplicate: boolean
  matched: { schedule_id: string; task_id: string }[]
}

const jobsOf = async (door: Door) => (await door.client.jobs.list({ query: { queue: ['http'] } })).data

describe('an event that a schedule waits for', () => {
  const filter = [{ path: 'amount', op: 'gt', value: 50 }]
  const placed = { event: 'order.placed', id: 'order-7', data: { order: 7, amount: 60 } }

  test('202: names the job it made, with the data of the event, and makes it once', async ({ door }) => {
    expect((await bill(door, { event: 'order.*', filter })).status).toBe(201)
    const first = (await door.send('POST', '/api/v2/events', { body: placed })).json as Accepted
    const again = (await door.send('POST', '/api/v2/events', { body: placed })).json as Accepted
    expect(first).toMatchObject({ duplicate: false, matched: [{ schedule_id: 'bill' }] })
    expect(again).toEqual({ ...first, duplicate: true })
    const task_id = first.matched[0]?.task_id ?? ''
    const job = await door.client.jobs.show({ params: { task_id } })
    expect(job).toMatchObject({ id: task_id, data: { body: { order: 7, at: 'order-7' } } })
    expect(await jobsOf(door)).toHaveLength(1)
    const shown = await door.client.events.show({ params: { event_id: 'order-7' } })
    expect(shown.matched).toEqual(first.matched)
  })

  test('202: sets nothing off when its data or its name is not what the schedule asks for', async ({ door }) => {
    await bill(door, { event: 'order.*', filter })
    const { results } = await door.client.events.publishMany({
      body: { events: [{ ...placed, data: { order: 7, amount: 5 } }, { event: 'customer.left' }] },
    })
    expect(results.map(({ matched }) => matched)).toEqual([[], []])
    expect(await jobsOf(door)).toEqual([])
  })
})

test('202: a webhook sets off what waits for it by its own name, once', async ({ door }) => {
  await bill(door, { event: 'shop.order.paid' })
  const { id } = await door.client.eventSources.create({
    body: {
      name: 'Shop',
      verify: { scheme: 'none', id_header: 'X-Delivery' },
      emit: { event: 'shop', append: { path: 'topic' } },
    },
  })
  const headers = { 'content-type': 'application/json', 'x-delivery': 'd-1', authorization: undefined }
  const send = async () =>
    (await door.send('POST', `/hooks/${id}`, { raw: '{"topic":"order.paid","order":8}', headers })).json as Accepted
  const first = await send()
  expect(first).toMatchObject({ duplicate: false, matched: [{ schedule_id: 'bill' }] })
  expect(await send()).toEqual({ ...first, duplicate: true })
  const task_id = first.matched[0]?.task_id ?? ''
  expect((await jobsOf(door)).map((job) => job.id)).toEqual([task_id])
  expect(await door.client.jobs.show({ params: { task_id } })).toMatchObject({ data: { body: { order: 8 } } })
})

test('202: sets off no schedule of a key that may not read events', async ({ door }) => {
  const authorization = `Bearer ${await door.keyWith(['schedules:write'], ['http'])}`
  const spyOn = async (event: string): Promise<number> => {
    const body = {
      ...{ id: 'spy', name: 'Spy', job_name: 'http.request', trigger: { type: 'event', event } },
      data: { url: 'http://mine.example/', body: { all: '{{event.data}}' } },
    }
    return (await door.send('POST', '/api/v2/scheduler/schedules', { body, headers: { authorization } })).status
  }
  expect(await spyOn('order.*')).toBe(403)
  expect(await spyOn('*')).toBe(201)
  await bill(door, { event: 'order.*' })
  const sent = await door.send('POST', '/api/v2/events', { body: { event: 'order.placed', data: { order: 7 } } })
  expect((sent.json as Accepted).matched).toMatchObject([{ schedule_id: 'bill' }])
})
