// What Prometheus is told, to whom, and that asking often costs little.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

/** The text's figures, by their name and labels. Throws where a line is not what the format allows. */
const figuresIn = (text: string): Map<string, number> => {
  const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/
  const figures = text
    .trimEnd()
    .split('\n')
    .filter((each) => !/^# (HELP|TYPE) \S+ .+$/.test(each))
    .map((each): [string, number] => {
      const [, name, value] = line.exec(each) ?? []
      if (name === undefined) throw new Error(`not of the format: ${each}`)
      return [name, value === '+Inf' ? Infinity : Number(value)]
    })
  return new Map(figures)
}

describe('GET /metrics', () => {
  test('tells requests, jobs, workers, breakers, webhooks, the recorder and the process', async ({ door, kernel }) => {
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    await door.send('GET', '/api/v2/jobs/nothing:here')
    await door.send('PUT', '/api/v2/services/mailer', { body: {} })
    await door.send('POST', '/api/v2/circuit-breaker/mailer/force-open', { body: { reason: 'test' } })
    const reply = await door.send('GET', '/metrics')
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const figures = figuresIn(reply.text)
    const took = 'k1n_http_request_duration_seconds'
    expect(figures.get(`${took}_count{method="POST",route="/api/jobs",status="201"}`)).toBe(1)
    expect(figures.get(`${took}_bucket{method="POST",route="/api/jobs",status="201",le="+Inf"}`)).toBe(1)
    expect(figures.get(`${took}_count{method="GET",route="/api/jobs/:task_id",status="404"}`)).toBe(1)
    expect(figures.get('k1n_jobs{queue="http",state="waiting"}')).toBe(1)
    expect(figures.get('k1n_workers')).toBe(0)
    expect(figures.get('k1n_circuit_breaker_state{service="mailer",state="forced_open"}')).toBe(1)
    expect(figures.get('k1n_circuit_breaker_state{service="mailer",state="closed"}')).toBe(0)
    expect(figures.get('k1n_webhooks{state="well"}')).toBe(0)
    expect(figures.get('k1n_webhook_deliveries_waiting')).toBe(0)
    expect(figures.get('k1n_recorder_up')).toBe(0)
    expect(figures.get('k1n_ratelimit_degraded_total')).toBe(0)
    expect(figures.get('k1n_recorder_lag_seconds')).toBeGreaterThan(0)
    expect(figures.get('k1n_http_requests_refused_total{reason="memory"}')).toBe(0)
    expect(figures.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
    expect(reply.text).not.toContain(door.adminKey)
    expect(kernel.settings.K1N_ADMIN_KEY).toBeDefined()
  })

  test('takes metrics:read', async ({ door }) => {
    const ask = (key?: string) => door.send('GET', '/metrics', { headers: { authorization: key && `Bearer ${key}` } })
    expectProblem(await ask(), 401, 'unauthenticated')
    expectProblem(await ask(await door.keyWith(['jobs:read'])), 403, 'insufficient-scope')
    expect((await ask(await door.keyWith(['metrics:read']))).status).toBe(200)
  })

  test('asks Redis once for all who ask within five seconds', async ({ door }) => {
    let asked = 0
    const { registry } = door.api.rooms
    const list = registry.list.bind(registry)
    registry.list = () => {
      asked++
      return list()
    }
    await Promise.all(Array.from({ length: 5 }, () => door.send('GET', '/metrics')))
    await door.send('GET', '/metrics')
    expect(asked).toBe(1)
  })

  test('503 while Redis is away, and nothing of it is kept', async ({ door }) => {
    const { bull } = door.api.rooms
    const counts = bull.counts.bind(bull)
    bull.counts = () => Promise.reject(new Error('Connection is closed.'))
    expectProblem(await door.send('GET', '/metrics'), 503, 'redis-unavailable')
    bull.counts = counts
    expect((await door.send('GET', '/metrics')).status).toBe(200)
  })

  test('whatever paths clients make up, they are one figure', async ({ door }) => {
    for (const path of ['/a', '/b', '/c/d']) await door.send('GET', `/api/v2${path}`)
    const { text } = await door.send('GET', '/metrics')
    expect(figuresIn(text).get('k1n_http_request_duration_seconds_count{method="any",route="none",status="404"}')).toBe(
      3,
    )
  })
})
