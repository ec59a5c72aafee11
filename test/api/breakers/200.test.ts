// Circuit breakers over HTTP: seen, steered, configured, and asked what they would have done.
import { createBreakerClient } from '../../../shared/breakers/client.ts'
import type { BreakerClient } from '../../../shared/breakers/client.ts'
import { holdQueue } from '../../../shared/services/held.ts'
import type { Door } from '../fixtures.ts'
import { describe, expect, expectProblem, test as base } from '../fixtures.ts'

const path = '/api/v2/error-recovery/circuit-breaker'
const smtp = { params: { service: 'smtp.example' } }

const test = base.extend<{ client: BreakerClient }>({
  client: async ({ kernel, door }, use) => {
    const { services } = door.api.rooms
    await services.start()
    const client = createBreakerClient(kernel, { configOf: (name) => services.configOf(name) })
    await client.start()
    await use(client)
    await client.stop()
    await services.stop()
  },
})

const call = async (client: BreakerClient, outcome: 'success' | 'failure', times: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    const permit = await client.admit('smtp.example')
    if (permit.admitted) permit.report(outcome, 20)
  }
  await client.flush()
}
const statesOf = async ({ api }: Door): Promise<unknown[]> =>
  (await api.rooms.log.readAfter('0-0', 100)).map(({ name, data }) => {
    const { from, to, reason } = JSON.parse(data) as Record<string, string>
    return [name.replace('error_recovery.circuit_breaker_', ''), from, to, reason]
  })

describe('the overview', () => {
  test('names a breaker that keeps calls from its service, to whoever may see breakers', async ({ door, client }) => {
    await call(client, 'failure', 12)
    const needs = [
      {
        kind: 'breaker_open',
        title: 'The breaker of smtp.example is open',
        detail: expect.stringMatching(/^For \d+ s\. 0 jobs are held\.$/) as string,
      },
    ]
    expect(await door.client.metrics.overview()).toMatchObject({ breakers_not_closed: 1, needs })
    const blind = await door.send('GET', '/api/v2/stats/overview', {
      headers: { authorization: `Bearer ${await door.keyWith(['metrics:read'])}` },
    })
    expect(blind.json).toMatchObject({ breakers_not_closed: 0, needs: [] })
  })
})

describe('jobs that wait for a service', () => {
  test('are counted in its figures and told by the overview', async ({ door, client, kernel }) => {
    await call(client, 'failure', 12)
    for (const id of ['a', 'b'])
      await door.client.jobs.create({
        body: { name: 'demo.mail', data: { to: 'ada@example.com', subject: 'Hello' }, id },
      })
    const until = Date.now() + 15_000
    await holdQueue(kernel, 'mail', { service: 'smtp.example', cause: 'breaker', until, reason: 'breaker open' })
    expect(await door.client.breakers.figures()).toMatchObject({ parked_total: 2 })
    const { needs } = await door.client.metrics.overview()
    expect(needs.find(({ kind }) => kind === 'breaker_open')?.detail).toMatch(/ 2 jobs are held\.$/)
  })
})

describe('seen', () => {
  test('a breaker that nothing happened to is closed', async ({ door }) => {
    expect(await door.client.breakers.show(smtp)).toMatchObject({
      service: 'smtp.example',
      state: 'closed',
      generation: 0,
      calls: 0,
      reason: null,
      config: { open_ms: 15_000 },
    })
    expect((await door.client.breakers.list()).data.map(({ service }) => service)).toContain('smtp.example')
  })

  test('one that tripped tells why, by both spellings', async ({ door, client }) => {
    await call(client, 'failure', 12)
    await call(client, 'failure', 3)
    for (const spelling of [path, '/api/v2/circuit-breaker', '/api/circuit-breaker']) {
      const reply = await door.send('GET', `${spelling}/smtp.example`)
      expect(reply.json).toMatchObject({ state: 'open', reason: 'threshold', failure_rate: 1, rejected: 3 })
      expect(reply.headers.get('etag')).toBe('"0"')
    }
    const open = await door.client.breakers.list({ query: { state: ['open', 'half_open'] } })
    expect(open.data).toMatchObject([{ service: 'smtp.example', opened_at: expect.any(String) as string }])
    expect((await door.client.breakers.list({ query: { service: ['payments.example'] } })).data).toHaveLength(1)
  })

  test('figures of all of them, by both spellings', async ({ door, client }) => {
    await call(client, 'failure', 12)
    expect(await door.client.breakers.figures()).toMatchObject({
      by_state: { open: 1, half_open: 0 },
      opened_total: 1,
      parked_total: 0,
    })
    const reply = await door.send('GET', '/api/metrics/circuit-breaker')
    expect(reply.json).toMatchObject({ services: [{ service: 'smtp.example', state: 'open' }, {}] })
  })

  test('the timeline has pieces of true length', async ({ door, client }) => {
    await call(client, 'failure', 12)
    await door.client.breakers.reset(smtp)
    const timeline = await door.client.breakers.timeline({ query: { service: ['smtp.example'] } })
    const pieces = timeline.services.flatMap((each) => each.pieces)
    expect(pieces.map(({ state }) => state)).toEqual(['closed', 'open', 'closed'])
    const total = pieces.reduce((sum, { duration_ms }) => sum + duration_ms, 0)
    expect(total).toBe(Date.parse(timeline.to) - Date.parse(timeline.from))
    expect((await door.send('GET', '/api/v2/circuit-breaker/timeline')).json).toMatchObject({
      services: [{ service: 'smtp.example' }],
      truncated: false,
    })
  })

  test('a state topic shows them to whoever may see them', async ({ door, client }) => {
    await call(client, 'failure', 12)
    const frames = await door.client.stream.poll({ query: { topics: 'state:breakers' } })
    expect(frames.data).toMatchObject([{ type: 'snapshot', rows: { 'smtp.example': { state: 'open' } } }])
  })
})

describe('steered', () => {
  test('forced open, with a time, by somebody, for a reason; and let go', async ({ door, client }) => {
    const heard = new Promise<void>((resolve) => client.onChange(({ state }) => state === 'forced_open' && resolve()))
    await call(client, 'success', 1)
    const forced = await door.client.breakers.forceOpen({ ...smtp, body: { reason: 'maintenance', ttl_s: 600 } })
    expect(forced).toMatchObject({ state: 'forced_open', forced: { by: 'admin', reason: 'maintenance' } })
    expect(Date.parse(forced.forced?.until ?? '') - Date.parse(forced.since ?? '')).toBe(600_000)
    await heard
    expect((await client.admit('smtp.example')).admitted).toBe(false)
    const let_go = await door.client.breakers.auto(smtp)
    expect(let_go).toMatchObject({ state: 'half_open', forced: null })
  })

  test('forced closed, disabled and reset', async ({ door, client }) => {
    await call(client, 'failure', 12)
    const body = { reason: 'we know' }
    expect(await door.client.breakers.forceClose({ ...smtp, body })).toMatchObject({ state: 'forced_closed' })
    expect(await door.client.breakers.disable({ ...smtp, body })).toMatchObject({ state: 'disabled' })
    expect(await door.client.breakers.reset({ ...smtp, body: { reason: 'done' } })).toMatchObject({ state: 'closed' })
    expect(await statesOf(door)).toEqual([
      ['opened', 'closed', 'open', 'threshold'],
      ['closed', 'open', 'forced_closed', 'manual'],
      ['closed', 'forced_closed', 'disabled', 'manual'],
      ['closed', 'disabled', 'closed', 'reset'],
    ])
  })

  test('409: what is so already', async ({ door }) => {
    expectProblem(await door.send('POST', `${path}/smtp.example/auto`), 409, 'breaker-in-state')
    await door.client.breakers.forceOpen({ ...smtp, body: { reason: 'x' } })
    const again = await door.send('POST', `${path}/smtp.example/force-open`, { body: { reason: 'x' } })
    expectProblem(again, 409, 'breaker-in-state')
  })

  test('404: services nobody knows', async ({ door }) => {
    expectProblem(await door.send('GET', `${path}/nobody`), 404, 'service-not-found')
    for (const verb of ['reset', 'auto', 'what-if'])
      expectProblem(await door.send('POST', `${path}/nobody/${verb}`, { body: {} }), 404, 'service-not-found')
    expectProblem(await door.send('PATCH', `${path}/nobody/config`, { body: {} }), 404, 'service-not-found')
  })

  test('422: without a reason', async ({ door }) => {
    expectProblem(await door.send('POST', `${path}/smtp.example/force-open`, { body: {} }), 422, 'validation-failed')
  })
})

describe('configured', () => {
  test('its part of the service record changes, and every process obeys', async ({ door, client }) => {
    const reply = await door.send('PATCH', `${path}/smtp.example/config`, {
      body: { window: { min_calls: 3 } },
      headers: { 'if-match': '"0"' },
    })
    expect(reply.json).toMatchObject({ config: { window: { min_calls: 3 }, open_ms: 15_000 } })
    const service = await door.client.services.show(smtp)
    expect(service).toMatchObject({ sources: { breaker: 'edited' }, breaker: { window: { min_calls: 3 } } })
    expect(reply.headers.get('etag')).toBe(`"${service.version}"`)
    await expect.poll(() => door.api.rooms.services.configOf('smtp.example').breaker.window.min_calls).toBe(3)
    await call(client, 'failure', 3)
    expect(client.stateOf('smtp.example').state).toBe('open')
  })

  test('412: another version', async ({ door }) => {
    const stale = { body: { jitter: 0 }, headers: { 'if-match': '"7"' } }
    expectProblem(await door.send('PATCH', `${path}/smtp.example/config`, stale), 412, 'precondition-failed')
    expect(await door.client.breakers.configure({ ...smtp, body: stale.body })).toMatchObject({ config: { jitter: 0 } })
  })

  test('422: limits that contradict one another are named', async ({ door }) => {
    for (const [method, verb] of [
      ['PATCH', 'config'],
      ['POST', 'what-if'],
    ] as const) {
      // prettier-ignore
      const reply = await door.send(method, `${path}/smtp.example/${verb}`, { body: { open_ms: 900_000 } })
      expect(expectProblem(reply, 422, 'validation-failed')['errors']).toMatchObject([{ pointer: '#/open_max_ms' }])
    }
  })
})

test('what-if replays the last calls against other limits', async ({ door, client }) => {
  await call(client, 'success', 7)
  await call(client, 'failure', 4)
  const body = { failure_rate_threshold: 0.3 }
  expect(await door.client.breakers.whatIf({ ...smtp, body })).toMatchObject({
    calls: 11,
    failures: 4,
    current: { opened: 0 },
    proposed: { opened: 1, periods: [{ reason: 'threshold' }] },
  })
})
