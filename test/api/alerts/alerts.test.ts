// Alerts over HTTP: what fires is listed, looked after and silenced; rules are changed; who may see what.
import { createChecker } from '../../../shared/alerts/checker.ts'
import type { Alert } from '../../../shared/alerts/contract.ts'
import { createServices } from '../../../shared/services/services.ts'
import { count } from '../../support/alerts.ts'
import { describe, expect, expectProblem, test as base } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const path = '/api/v2/alerts'
const later = (ms: number): string => new Date(Date.now() + ms).toISOString()

const look = async ({ api: { kernel, rooms } }: Door): Promise<number> =>
  createChecker(kernel, { bull: rooms.bull, services: createServices(kernel, { declared: new Map() }) }).check()

/** A queue whose jobs fail, and the alert that fires for it. */
const test = base.extend<{ failing: Alert }>({
  failing: async ({ door }, use) => {
    await count(door.api.kernel, 'mail', { completed: 70, failed: 30 })
    await look(door)
    const { data } = await door.client.alerts.list({ query: { rule: ['failure_rate_high'] } })
    if (data[0] === undefined) throw new Error('nothing fires')
    await use(data[0])
  },
})

describe('alerts', () => {
  test('200: those that fire come first, then those that are pending', async ({ door, failing }) => {
    const { data } = await door.client.alerts.list()
    expect(data.map(({ state }) => state)).toEqual(['firing', 'firing', 'pending'])
    expect(new Set(data.slice(0, 2).map(({ rule_id }) => rule_id))).toEqual(new Set([failing.rule_id, 'dead_letters_growing'])) // prettier-ignore
    expect(data[2]?.rule_id).toBe('failure_rate_critical')
    expect(await door.client.alerts.show({ params: { alert_id: failing.id } })).toMatchObject({
      ...{ subject: { kind: 'queue', id: 'mail', queue: 'mail' }, value: 0.3, threshold: 0.05, unit: 'share' },
      ...{ title: '30.0 % of the jobs of mail fail', acknowledged: null, silence: null },
    })
    const one = await door.client.alerts.list({ query: { limit: 1 } })
    const next = await door.client.alerts.list({ query: { limit: 1, cursor: one.page.next_cursor ?? '' } })
    expect([...one.data, ...next.data].map(({ id }) => id)).toEqual(data.slice(0, 2).map(({ id }) => id))
    expectProblem(await door.send('GET', `${path}?cursor=x`), 400, 'invalid-cursor')
    expectProblem(await door.send('GET', `${path}/al_0199d2c4b1f07a3e9c52`), 404, 'alert-not-found')
  })

  test('are among what needs somebody, until somebody looks after them', async ({ door, failing }) => {
    const before = await door.client.metrics.overview()
    expect(before).toMatchObject({
      quiet: false,
      alerts_firing: 2,
      needs: [{ kind: 'alert', alert: { id: failing.id } }],
    })
    expect(before.alert_marks).toHaveLength(2)
    const acked = await door.client.alerts.ack({ params: { alert_id: failing.id }, body: { note: 'on it' } })
    expect(acked.acknowledged).toMatchObject({ by: 'admin', note: 'on it' })
    expect(await door.client.metrics.overview()).toMatchObject({
      ...{ alerts_firing: 1, needs: [], quiet: true },
      verdict: 'Nothing else needs you. One thing is looked after.',
    })
    const blind = await door.keyWith(['metrics:read'])
    const reply = await door.send('GET', '/api/v2/stats/overview', { headers: { authorization: `Bearer ${blind}` } })
    expect(reply.json).toMatchObject({ alerts_firing: 0, alert_marks: [], needs: [] })
  })

  test('are silenced with an end, which is told to the audit, and heard again', async ({ door, failing }) => {
    const at = { params: { alert_id: failing.id } }
    const until = later(3_600_000)
    expect((await door.client.alerts.silence({ ...at, body: { until, reason: 'deploy' } })).silence).toMatchObject({ until, reason: 'deploy' }) // prettier-ignore
    const refused = await door.send('POST', `${path}/${failing.id}/silence`, { body: { until: later(-1_000) } })
    expectProblem(refused, 422, 'validation-failed')
    expect(refused.json).toMatchObject({ errors: [{ pointer: '#/until' }] })
    expect((await door.client.alerts.unsilence(at)).silence).toBeNull()
    const { data } = await door.client.audit.list({ query: { kind: ['alert'] } })
    expect(data.map(({ action, target, reason }) => [action, target.id, reason])).toEqual([
      ['unsilenceAlert', failing.id, null],
      ['silenceAlert', failing.id, 'deploy'],
    ])
    const facts = await door.api.rooms.log.readAfter('0-0', 1_000)
    const told = facts
      .filter(({ name }) => name === 'alert.silenced')
      .map(({ data: text }) => JSON.parse(text) as object)
    expect(told).toMatchObject([{ until, reason: 'deploy', actor: 'admin' }, { until: null }])
  })

  test('409 alert-ended: what is resolved is neither acknowledged nor silenced', async ({ door, failing }) => {
    await door.client.alerts.editRule({ params: { rule_id: 'failure_rate_high' }, body: { enabled: false } })
    await look(door)
    expectProblem(await door.send('POST', `${path}/${failing.id}/ack`), 409, 'alert-ended')
    expectProblem(await door.send('POST', `${path}/${failing.id}/silence`, { body: { until: later(60_000) } }), 409, 'alert-ended') // prettier-ignore
    const { data } = await door.client.alerts.list({ query: { state: ['resolved'], queue: ['mail'] } })
    expect(data).toMatchObject([{ id: failing.id, state: 'resolved' }])
  })

  test('of queues that a key may not see are not there for it', async ({ door, failing }) => {
    const key = await door.keyWith(['alerts:read', 'alerts:ack', 'alerts:write'], ['other-*'])
    const headers = { authorization: `Bearer ${key}` }
    expect((await door.send('GET', path, { headers })).json).toMatchObject({ data: [] })
    expectProblem(await door.send('POST', `${path}/${failing.id}/ack`, { headers }), 404, 'alert-not-found')
    expectProblem(await door.send('DELETE', `${path}/${failing.id}/silence`, { headers }), 404, 'alert-not-found')
    const body = { enabled: false }
    expectProblem(await door.send('PATCH', `${path}/rules/no_worker`, { headers, body }), 403, 'resource-forbidden')
  })
})

describe('rules', () => {
  test('200: they say what they judge, what holds and what fires', async ({ door, failing }) => {
    const { data } = await door.client.alerts.rules()
    expect(data).toHaveLength(11)
    expect(data[0]).toMatchObject({ id: failing.rule_id, threshold: 0.05, min_samples: 20, firing: 1, pending: 0, version: 0 }) // prettier-ignore
  })

  test('are changed on condition of their version, and refuse what cannot be', async ({ door }) => {
    const at = `${path}/rules/failure_rate_high`
    const edited = await door.send('PATCH', at, { body: { threshold: 0.2 }, headers: { 'if-match': '"0"' } })
    expect(edited.json).toMatchObject({ threshold: 0.2, changed: ['threshold'], updated_by: 'admin' })
    expect(edited.headers.get('etag')).toMatch(/^"[1-9]\d*"$/)
    expectProblem(await door.send('PATCH', at, { body: { threshold: 0.3 }, headers: { 'if-match': '"0"' } }), 412, 'precondition-failed') // prettier-ignore
    const wrong = await door.send('PATCH', at, { body: { threshold: 7 } })
    expectProblem(wrong, 422, 'validation-failed')
    expect(wrong.json).toMatchObject({ errors: [{ pointer: '#/threshold' }] })
    expect((await door.send('PATCH', at, { body: { threshold: null } })).json).toMatchObject({ threshold: 0.05, changed: [] }) // prettier-ignore
    expect((await door.client.alerts.rule({ params: { rule_id: 'failure_rate_high' } })).changed).toEqual([])
  })

  test('200: they tell what they measured', async ({ door, failing }) => {
    const series = await door.client.alerts.series({ params: { rule_id: 'failure_rate_high' }, query: { hours: 1 } })
    expect(series.series).toMatchObject([{ subject: { id: 'mail' } }])
    expect(series.series[0]?.y.some((value) => value === 0.3)).toBe(true)
    expect(series.alerts).toMatchObject([{ id: failing.id, state: 'firing' }])
    const [from, to] = [2, 1].map((hours) => new Date(Date.parse(series.to) - hours * 3_600_000).toISOString())
    const before = await door.client.alerts.series({ params: { rule_id: 'failure_rate_high' }, query: { from, to } })
    expect(before).toMatchObject({ to, series: [], alerts: [] })
    expectProblem(await door.send('GET', `${path}/rules/failure_rate_high/series?from=yesterday`), 400, 'invalid-parameter') // prettier-ignore
  })
})
