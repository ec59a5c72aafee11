// What goes out: the very bytes, and headers that the public libraries accept.
import { Webhook as Standard } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { bodyOf, headersOf } from './message.ts'
import type { Sending } from './message.ts'
import { makeSecret } from './sign.ts'

const data = '{"queue":"mail",  "name":"Müller","n":1.0}'
const fact = { id: '1795343641000-0', name: 'job.failed', at: Date.UTC(2026, 10, 22, 10), data }
const sending = (at = Date.now()): Sending => ({
  messageId: 'msg_2f9k',
  eventId: fact.id,
  eventType: fact.name,
  body: bodyOf(fact),
  deliveryId: 'dlv_1',
  attempt: 2,
  hop: 2,
  at,
})

test('the body holds the data of the log byte for byte', () => {
  expect(bodyOf(fact)).toBe(
    `{"type":"job.failed","timestamp":"2026-11-22T10:00:00.000Z","data":${data},"id":"1795343641000-0","api_version":2}`,
  )
})

test('an event from outside goes with its own id and what it is about', () => {
  const sent = { id: 'order-7', hop: 2, source: null, subject: 'Order "7"' }
  expect(JSON.parse(bodyOf({ ...fact, sent }))).toMatchObject({ event_id: 'order-7', subject: 'Order "7"' })
  expect(JSON.parse(bodyOf({ ...fact, sent: { ...sent, subject: null } }))).not.toHaveProperty('subject')
})

test('the headers say who sends what, and prove it', () => {
  const secret = makeSecret()
  const signing = {
    secrets: [secret],
    headers: { 'X-Token': 't' },
    legacySignature: null,
    publicUrl: 'https://k1n.example',
  }
  const headers = headersOf(sending(), signing)
  expect(headers).toMatchObject({
    'X-Token': 't',
    'content-type': 'application/json',
    'user-agent': 'k1n-webhooks/2 (+https://k1n.example)',
    'x-k1n-event': 'job.failed',
    'x-k1n-delivery': 'dlv_1',
    'x-k1n-attempt': '2',
    'x-k1n-hop': '3',
    'x-k1n-api-version': '2',
  })
  expect(headers['x-hub-signature-256']).toBeUndefined()
  expect(new Standard(secret).verify(bodyOf(fact), headers)).toMatchObject({ type: 'job.failed' })
})

test('all that is sent of one event is one trace, each attempt a span of its own', () => {
  const signing = { secrets: [makeSecret()], headers: {}, legacySignature: null }
  const partsOf = (more: Partial<Sending>): string[] =>
    (headersOf({ ...sending(), ...more }, signing)['traceparent'] ?? '').split('-')
  const [version, trace, span, flags] = partsOf({})
  expect([version, flags]).toEqual(['00', '01'])
  expect([trace, span]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{16}$/)])
  for (const more of [{ attempt: 3 }, { deliveryId: 'dlv_2' }]) {
    expect(partsOf(more)[1]).toBe(trace)
    expect(partsOf(more)[2]).not.toBe(span)
  }
  expect(partsOf({ eventId: '1-0' })[1]).not.toBe(trace)
})

test('receivers that know the signature of GitHub only get that too, by the newest secret', () => {
  const headers = headersOf(sending(), {
    secrets: ['whsec_bmV3', 'whsec_b2xk'],
    headers: {},
    legacySignature: 'github',
  })
  expect(headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/)
})
