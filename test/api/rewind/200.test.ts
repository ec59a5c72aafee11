// How things stood, over the wire: `as_of` on the overview, the queues and the breakers, and what is said where it is not kept.
import { keepAs } from '../../support/rewind.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const paths = ['/api/v2/stats/overview', '/api/v2/queues', '/api/v2/error-recovery/circuit-breaker']
const HOUR = 3_600_000

describe('as_of', () => {
  test.for(paths)('%s tells the moment it is of', async (path, { door, kernel }) => {
    const { bull } = door.api.rooms
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    const [then, later] = [Date.now() - HOUR, Date.now() - HOUR / 2]
    await keepAs(kernel, bull, then)
    await keepAs(kernel, bull, later)
    const asked = encodeURIComponent(new Date(later - 60_000).toISOString())
    const reply = await door.send('GET', `${path}?as_of=${asked}`)
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({ as_of: new Date(then).toISOString() })
    const now = await door.send('GET', path)
    expect(now.json).not.toHaveProperty('as_of')
  })

  test.for(paths)(
    '%s before all that is kept is refused with the time from when on there is',
    async (path, { door, kernel }) => {
      const then = Date.now() - HOUR
      const early = encodeURIComponent(new Date(then - 1).toISOString())
      expectProblem(await door.send('GET', `${path}?as_of=${early}`), 410, 'moment-not-kept')
      await keepAs(kernel, door.api.rooms.bull, then)
      const reply = await door.send('GET', `${path}?as_of=${early}`)
      expectProblem(reply, 410, 'moment-not-kept')
      expect(reply.json).toMatchObject({ oldest: new Date(then).toISOString() })
      expect(reply.text).toContain(`kept since ${new Date(then).toISOString()}`)
    },
  )

  test.for(paths)('%s takes a time with its zone only', async (path, { door }) => {
    for (const text of ['yesterday', '2026-11-27T10:00:00', ''])
      expectProblem(await door.send('GET', `${path}?as_of=${text}`), 400, 'invalid-parameter')
  })
})
