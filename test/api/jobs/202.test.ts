// Jobs that go on in the background.
import { describe, expect, test } from '../fixtures.ts'
import { complete, take } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('what is not done yet', () => {
  test('a result that is not there says when to ask again', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const reply = await door.send('GET', `/api/v2/jobs/${id}/result`)
    expect(reply).toMatchObject({ status: 202, json: { state: 'waiting' } })
    expect(reply.headers.get('retry-after')).toBe('1')
  })

  test('a running job is told to stop', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await take(door, 'http')
    expect(await door.send('POST', `/api/v2/jobs/${id}/cancel`)).toMatchObject({
      status: 202,
      json: { state: 'active' },
    })
  })

  test('an ended job is tried again', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await complete(door, 'http', null)
    expect(await door.send('POST', `/api/v2/jobs/${id}/retry`)).toMatchObject({
      status: 202,
      json: { id, state: 'waiting' },
    })
  })
})
