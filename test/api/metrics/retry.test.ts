// GET /metrics/retry: every status its row names, under every address it has.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { kill } from '../work.ts'

describe('GET /metrics/retry', () => {
  test('200 with and without a version in the path', async ({ door }) => {
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    await kill(door, 'http')
    await createRecorder(door.api.kernel, door.api.rooms.bull).catchUp()
    const figures = await door.client.metrics.retry({ query: { window: '1h', queue: 'http' } })
    expect(figures).toMatchObject({ window_s: 3_600, attempts: 0, by_error_class: [{ died: 1 }] })
    expect(figures.distribution[0]).toMatchObject({ attempt: '1', died: 1 })
    const { at: _at, ...same } = figures
    for (const path of ['/api/metrics/retry', '/api/v2/metrics/retry'])
      expect((await door.send('GET', `${path}?window=1h&queue=http`)).json).toMatchObject(same)
    expect((await door.send('GET', '/api/metrics/retry')).json).toMatchObject({ window_s: 300 })
  })

  test.for(['0m', '25h', '1441m', '5', '5s', 'm'])(
    '400 invalid-parameter: a window of %s',
    async (window, { door }) => {
      expectProblem(await door.send('GET', `/api/metrics/retry?window=${window}`), 400, 'invalid-parameter')
    },
  )
})
