// Webhooks of other services over HTTP: taken when their signature over the exact bytes is right, and once.
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { EventSourceInput } from '../../../shared/inbound/contract.ts'
import type { z } from 'zod'
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const SECRET = "It's a Secret to Everybody"
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

const make = (door: Door, verify: z.input<typeof EventSourceInput>['verify']) =>
  door.client.eventSources.create({ body: { name: 'Source', verify } })

/** A request as another service makes it: with no credential of k1n's. */
const send = (door: Door, id: string, raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  door.send('POST', `/hooks/${id}`, { raw, headers: { authorization: undefined, ...headers } })

const hex = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex')
const ofGithub = (body: string, delivery = 'guid-1') => ({
  ...JSON_TYPE,
  'x-hub-signature-256': `sha256=${hex(body)}`,
  'x-github-event': 'push',
  'x-github-delivery': delivery,
})

describe('GitHub', () => {
  const body = '{ "ref": "refs/heads/main",\n  "commits": [] }'

  test('202: a push becomes two events, and 200 when it is sent again', async ({ door }) => {
    const { id } = await make(door, { scheme: 'github', secret: SECRET })
    const taken = await send(door, id, body, ofGithub(body))
    expect(taken).toMatchObject({ status: 202, json: { duplicate: false, matched: [] } })
    const { event_id } = taken.json as { event_id: string }
    expect(await send(door, id, body, ofGithub(body))).toMatchObject({
      status: 200,
      json: { duplicate: true, event_id },
    })
    const { data } = await door.client.events.list({ query: { type: ['github.*', 'webhook.*'] } })
    const payload = JSON.parse(body) as object
    expect(data).toMatchObject([
      { event: 'github.push', source_id: id, data: payload },
      { event: 'webhook.received', id: event_id, data: { source_id: id, event_id, payload } },
    ])
    expect(await door.client.eventSources.show({ params: { source_id: id } })).toMatchObject({
      received: 1,
      duplicates: 1,
      last_event_id: event_id,
    })
  })

  test('200: what was signed is the same delivery under another id, and an id is the same with other content', async ({
    door,
  }) => {
    const { id } = await make(door, { scheme: 'github', secret: SECRET })
    const first = await send(door, id, body, ofGithub(body))
    const { event_id } = first.json as { event_id: string }
    const again = { status: 200, json: { duplicate: true, event_id } }
    expect(await send(door, id, body, ofGithub(body, 'guid-2'))).toMatchObject(again)
    expect(await send(door, id, '{"attempt":2}', ofGithub('{"attempt":2}'))).toMatchObject(again)
    // The id of a captured request is not taken from the delivery that has it.
    const other = await send(door, id, '{"ref":"other"}', ofGithub('{"ref":"other"}', 'guid-2'))
    expect(other).toMatchObject({ status: 202, json: { duplicate: false } })
    const elsewhere = await make(door, { scheme: 'github', secret: SECRET })
    expect((await send(door, elsewhere.id, body, ofGithub(body))).status).toBe(202)
  })

  test('202: a form holds the payload as a field', async ({ door }) => {
    const { id } = await make(door, { scheme: 'github', secret: SECRET })
    const form = new URLSearchParams({ payload: body }).toString()
    expect((await send(door, id, form, { ...ofGithub(form), ...FORM_TYPE })).status).toBe(202)
    const { data } = await door.client.events.list({ query: { type: ['github.push'] } })
    expect(data[0]?.data).toEqual(JSON.parse(body))
  })

  test('401: a changed byte, a wrong secret, no signature and no source are answered alike', async ({ door }) => {
    const { id } = await make(door, { scheme: 'github', secret: SECRET })
    const replies = [
      await send(door, id, body.replace('main', 'mein'), ofGithub(body)),
      await send(door, id, body, { ...ofGithub(body), 'x-hub-signature-256': `sha256=${hex('x')}` }),
      await send(door, id, body, JSON_TYPE),
      await send(door, `src_${'0'.repeat(40)}`, body, ofGithub(body)),
      await send(door, 'anything', body, ofGithub(body)),
    ]
    for (const reply of replies) {
      const { detail } = expectProblem(reply, 401, 'invalid-signature')
      expect(detail).toBe((replies[0]?.json as { detail: string } | undefined)?.detail)
    }
    const source = () => door.client.eventSources.show({ params: { source_id: id } })
    await expect.poll(async () => (await source()).refused).toBe(3)
    expect((await source()).last_refusal).toMatchObject({ reason: 'missing_header' })
  })
})

describe('Stripe and Standard Webhooks', () => {
  const body = '{"id":"evt_9","type":"invoice.paid"}'
  const now = () => Math.floor(Date.now() / 1_000)

  test('202: Stripe is known again by the id of its event, whenever it was signed', async ({ door }) => {
    const { id } = await make(door, { scheme: 'stripe', secret: SECRET })
    const signed = (t: number) => ({ ...JSON_TYPE, 'stripe-signature': `t=${t},v1=${hex(`${t}.${body}`)}` })
    expect((await send(door, id, body, signed(now()))).status).toBe(202)
    expect((await send(door, id, body, signed(now() - 9))).status).toBe(200)
    expectProblem(await send(door, id, body, signed(now() - 600)), 401, 'invalid-signature')
    const { data } = await door.client.events.list({ query: { type: ['stripe.*'] } })
    expect(data.map(({ event }) => event)).toEqual(['stripe.invoice.paid'])
  })

  test('202: Stripe tells its secret once it knows the address; until it is here all is refused', async ({ door }) => {
    const source = await make(door, { scheme: 'stripe' })
    expect(source).toMatchObject({ secret: null, secrets: [] })
    const t = now()
    const deliver = () =>
      send(door, source.id, body, { ...JSON_TYPE, 'stripe-signature': `t=${t},v1=${hex(`${t}.${body}`)}` })
    expectProblem(await deliver(), 401, 'invalid-signature')
    const params = { source_id: source.id }
    const reason = async () => (await door.client.eventSources.show({ params })).last_refusal?.reason
    await expect.poll(reason).toBe('no_secret')
    await door.client.eventSources.rotate({ params, body: { secret: SECRET } })
    expect((await deliver()).status).toBe(202)
  })

  test('202: the public library signs for a secret that k1n made, before, during and after a rotation', async ({
    door,
  }) => {
    const source = await make(door, { scheme: 'standard_webhooks' })
    const deliver = (secret: string, msg: string, at = new Date()) =>
      send(door, source.id, body, {
        ...JSON_TYPE,
        'webhook-id': msg,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(msg, at, body),
      })
    const old = source.secret ?? ''
    expect((await deliver(old, 'msg_1')).status).toBe(202)
    expect((await deliver(old, 'msg_1')).status).toBe(200)
    const params = { source_id: source.id }
    const { secret } = await door.client.eventSources.rotate({ params, body: { grace_s: 600 } })
    expect((await deliver(old, 'msg_2')).status).toBe(202)
    expect((await deliver(secret ?? '', 'msg_3')).status).toBe(202)
    const { secret: newest } = await door.client.eventSources.rotate({ params, body: { grace_s: 0 } })
    expectProblem(await deliver(secret ?? '', 'msg_4'), 401, 'invalid-signature')
    expect((await deliver(newest ?? '', 'msg_4')).status).toBe(202)
    expectProblem(await deliver(newest ?? '', 'msg_5', new Date(Date.now() - 600_000)), 401, 'invalid-signature')
  })
})

describe('Slack', () => {
  const signed = (body: string, type: Record<string, string>) => {
    const t = String(Math.floor(Date.now() / 1_000))
    return { ...type, 'x-slack-request-timestamp': t, 'x-slack-signature': `v0=${hex(`v0:${t}:${body}`)}` }
  }

  test('200: the question by which it checks an address is answered, and is no event', async ({ door }) => {
    const { id } = await make(door, { scheme: 'slack', secret: SECRET })
    const body = JSON.stringify({ token: 'x', challenge: '3eZbrw1a', type: 'url_verification' })
    const reply = await send(door, id, body, signed(body, JSON_TYPE))
    expect(reply).toMatchObject({ status: 200, json: { challenge: '3eZbrw1a' } })
    expectProblem(await send(door, id, body, JSON_TYPE), 401, 'invalid-signature')
    expect((await door.client.events.list({ query: { type: ['webhook.received'] } })).data).toEqual([])
  })

  test('202: events and commands are taken, an event once', async ({ door }) => {
    const { id } = await make(door, { scheme: 'slack', secret: SECRET })
    const event = JSON.stringify({ type: 'event_callback', event_id: 'Ev1', event: { type: 'app_mention' } })
    expect((await send(door, id, event, signed(event, JSON_TYPE))).status).toBe(202)
    const retried = { ...signed(event, JSON_TYPE), 'x-slack-retry-num': '1' }
    expect((await send(door, id, event, retried)).status).toBe(200)
    const command = 'command=%2Fdeploy&text=now&__proto__=x'
    expect((await send(door, id, command, signed(command, FORM_TYPE))).status).toBe(202)
    const { data } = await door.client.events.list({ query: { type: ['slack.*', 'slack'] } })
    expect(data).toMatchObject([
      { event: 'slack', data: { command: '/deploy', text: 'now' } },
      { event: 'slack.app_mention' },
    ])
  })
})

describe('whatever is sent', () => {
  const token = { 'x-token': SECRET }
  const open = (door: Door) => make(door, { scheme: 'shared_secret', header: 'X-Token', secret: SECRET })

  test('401 comes before anything of the body is read, and a source counts bodies that say nothing', async ({
    door,
  }) => {
    const { id } = await open(door)
    expectProblem(await send(door, id, '{', JSON_TYPE), 401, 'invalid-signature')
    expectProblem(await send(door, id, '{', { ...JSON_TYPE, ...token }), 400, 'invalid-json')
    expectProblem(await send(door, id, '['.repeat(33), { ...JSON_TYPE, ...token }), 400, 'json-too-deep')
    expectProblem(await send(door, id, '{"__proto__":{}}', { ...JSON_TYPE, ...token }), 400, 'invalid-json')
    const many = `[${'1,'.repeat(60_000)}1]`
    expectProblem(await send(door, id, many, { ...JSON_TYPE, ...token }), 413, 'json-too-complex')
    const odd = Uint8Array.from([0x22, 0xff, 0x22])
    expectProblem(await send(door, id, odd, { ...JSON_TYPE, ...token }), 400, 'invalid-utf8')
    expectProblem(await send(door, id, '<a/>', { ...token, 'content-type': 'text/xml' }), 415, 'unsupported-media-type')
    const source = () => door.client.eventSources.show({ params: { source_id: id } })
    await expect.poll(async () => (await source()).last_refusal?.reason).toBe('unreadable_body')
  })

  test('413: a form of more fields than are read is refused, not cut', async ({ door }) => {
    const { id } = await open(door)
    const form = (fields: number) => Array.from({ length: fields }, (_, n) => `f${n}=${n}`).join('&')
    const sendForm = (text: string) => send(door, id, text, { ...FORM_TYPE, ...token })
    expectProblem(await sendForm(form(501)), 413, 'json-too-complex')
    expect((await sendForm(form(500))).status).toBe(202)
    const { data } = await door.client.events.list({ query: { type: ['webhook.received'] } })
    expect(data).toMatchObject([{ data: { payload: { f499: '499' } } }])
  })

  test('413 and 415: bodies that are large or compressed are not read', async ({ door }) => {
    const { id } = await open(door)
    const large = JSON.stringify({ text: 'x'.repeat(262_144) })
    expectProblem(await send(door, id, large, { ...JSON_TYPE, ...token }), 413, 'body-too-large')
    const zipped = { ...JSON_TYPE, ...token, 'content-encoding': 'gzip' }
    expectProblem(await send(door, id, '{}', zipped), 415, 'unsupported-content-encoding')
    expect((await send(door, id, large.slice(0, 262_142) + '"}', { ...JSON_TYPE, ...token })).status).toBe(202)
  })

  test('422: what goes in a circle ends, and what does not yet says how far it is', async ({ door }) => {
    const { id } = await open(door)
    const hop = (text: string) => send(door, id, '{}', { ...JSON_TYPE, ...token, 'x-k1n-hop': text })
    expectProblem(await hop('6'), 422, 'too-many-hops')
    expectProblem(await hop('-1'), 400, 'invalid-header')
    const { event_id } = (await hop('5')).json as { event_id: string }
    expect(await door.client.events.show({ params: { event_id } })).toMatchObject({ hop: 5 })
  })

  test('429: who is refused too often waits; credentials of other services are none of ours', async ({ door }) => {
    const { id } = await open(door)
    const headers = { ...JSON_TYPE, authorization: 'Bearer of another service' }
    for (let n = 0; n < 20; n++) expect((await send(door, id, '{}', headers)).status).toBe(401)
    const reply = await send(door, id, '{}', { ...JSON_TYPE, ...token })
    expectProblem(reply, 429, 'too-many-deliveries')
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(50)
    const wrong = { authorization: 'Bearer nobody' }
    expectProblem(await door.send('GET', '/api/v2/me', { headers: wrong }), 401, 'invalid-token')
  })

  test('a list is an event too', async ({ door }) => {
    const source = await door.client.eventSources.create({
      body: { name: 'Open', verify: { scheme: 'none' }, emit: { event: 'open' } },
    })
    expect((await send(door, source.id, '[1,2]', JSON_TYPE)).status).toBe(202)
    const { data } = await door.client.events.list({ query: { type: ['open'] } })
    expect(data).toMatchObject([{ event: 'open', data: { payload: [1, 2] } }])
  })
})
