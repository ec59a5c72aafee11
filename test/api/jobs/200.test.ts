// Jobs that are read and steered.
import { describe, expect, test } from '../fixtures.ts'
import { complete, kill } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('reading jobs', () => {
  test('a list walks through all of them, newest first, without payloads', async ({ door }) => {
    const made = []
    for (let i = 0; i < 5; i++) made.push((await door.client.jobs.create({ body: { ...body, id: `walk-${i}` } })).id)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await door.client.jobs.list({
        query: { state: ['waiting'], limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      })
      seen.push(...page.data.map((job) => job.id))
      for (const job of page.data) expect(job.data).toBeUndefined()
      cursor = page.page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect([...seen].sort()).toEqual([...made].sort())
  })

  test('payloads need the scope jobs:data', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const viewer = await door.keyOf('viewer')
    const reply = await door.send('GET', `/api/v2/jobs/${id}`, { headers: { authorization: `Bearer ${viewer}` } })
    expect(reply.json).toMatchObject({ data: { redacted: true } })
    expect(reply.text).not.toContain('example.com/')
  })

  test('a bare id is enough where only one queue has it', async ({ door }) => {
    await door.client.jobs.create({ body: { ...body, id: 'bare' } })
    for (const id of ['bare', 't_bare', 'http:t_bare'])
      expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ id: 'http:t_bare' })
  })

  test('a result, its logs and its attempts are there when it is done', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await complete(door, 'http', { status: 204 })
    expect(await door.client.jobs.result({ params: { task_id: id }, query: { wait: 5 } })).toEqual({
      state: 'completed',
      result: { status: 204 },
    })
    expect(await door.client.jobs.logs({ params: { task_id: id } })).toEqual({ data: [], total: 0 })
    expect(await door.client.jobs.attempts({ params: { task_id: id } })).toMatchObject({ data: [{ attempt: 1 }] })
  })

  test('an error is told with its class', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await kill(door, 'http')
    expect(await door.client.jobs.result({ params: { task_id: id } })).toMatchObject({
      state: 'failed',
      error: { message: 'the mailbox is gone' },
    })
  })

  test('HEAD answers like GET without a body, OPTIONS with what is allowed', async ({ door }) => {
    const head = await door.send('HEAD', '/api/v2/jobs')
    expect(head).toMatchObject({ status: 200, text: '' })
    const options = await door.send('OPTIONS', '/api/v2/jobs')
    expect(options.status).toBe(204)
    expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
  })
})

describe('steering jobs', () => {
  test('a job that has not begun is cancelled at once', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    expect(await door.client.jobs.cancel({ params: { task_id: id }, body: { reason: 'no use' } })).toMatchObject({
      state: 'cancelled',
    })
    expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ state: 'cancelled' })
  })

  test('a delayed job is promoted', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body: { ...body, options: { delay_ms: 60_000 } } })
    expect(await door.client.jobs.promote({ params: { task_id: id } })).toMatchObject({ state: 'waiting' })
  })

  test('jobs with one dedup id become one', async ({ door }) => {
    const options = { dedup: { id: 'daily' } }
    const first = await door.client.jobs.create({ body: { ...body, options } })
    const reply = await door.send('POST', '/api/v2/jobs', { body: { ...body, options } })
    expect(reply).toMatchObject({ status: 200, json: { id: first.id, deduplicated_of: first.id } })
  })
})
