// One delivery: how it stands, and that a signature is checked as a receiver would.
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DeliveryAttempt, DeliverySummary } from '../../../shared/deliveries/words.ts'
import { attemptState, lastWords, lookAt, resendReason, signedOf, statusLine } from './model.ts'
import { verify } from './verify.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 30)
const delivery = (more: Partial<DeliverySummary>): DeliverySummary => ({
  id: 'dlv_1',
  webhook_id: 'wh_1',
  event_id: '1-0',
  event_type: 'job.failed',
  test: false,
  status: 'pending',
  attempt: 0,
  created_at: new Date(NOW).toISOString(),
  next_attempt_at: null,
  last_status_code: null,
  last_error_code: null,
  ...more,
})
const refused = { attempt: 3, last_status_code: 503, last_error_code: 'http_503' } as const
const soon = new Date(NOW + 300_000).toISOString()

test('a test is told as one, and is not sent again', () => {
  const tried = delivery({ test: true, status: 'dead', ...refused, attempt: 1 })
  expect(statusLine(tried, NOW)).toBe('A test that did not arrive. The receiver answered 503.')
  expect(statusLine({ ...tried, status: 'succeeded' }, NOW)).toBe('A test that arrived.')
  expect(lookAt(tried).word).toBe('Failed')
  expect(lookAt({ ...tried, test: false }).word).toBe('Given up')
  expect(resendReason(tried, undefined)).toBe('It was a test: test the endpoint again instead')
})

test.each([
  ['Not sent yet.', {}],
  [
    'Failed after 3 attempts, next try in 5 min. The receiver answered 503.',
    { status: 'failed', next_attempt_at: soon, ...refused },
  ],
  [
    'Given up after 3 attempts; nothing sends it again by itself. The receiver answered 503.',
    { status: 'dead', ...refused },
  ],
  ['Delivered at attempt 2.', { status: 'succeeded', attempt: 2, last_status_code: 200 }],
  ['On its way: attempt 1.', { status: 'in_flight' }],
] as const)('%s', (words, more) => {
  expect(statusLine(delivery(more), NOW)).toBe(words)
})

test('in a list it says what the last attempt came to', () => {
  expect(lastWords(delivery({}))).toBe('not tried yet')
  expect(lastWords(delivery({ attempt: 1, last_error_code: 'timeout_total' }))).toBe('took too long')
  expect(lastWords(delivery({ status: 'cancelled' }))).toBe('not tried')
  expect(attemptState({ status_code: 500, error_code: 'http_500' })).toBe('failed')
})

test('what cannot be sent again says why', () => {
  expect(resendReason({ status: 'in_flight', test: false }, undefined)).toBe('It is on its way now')
  expect(resendReason({ status: 'cancelled', test: false }, 'It is off')).toBe('It is off')
  expect(resendReason({ status: 'dead', test: false }, undefined)).toBeUndefined()
})

describe('a signature', () => {
  const key = Buffer.alloc(32, 7)
  const secret = `whsec_${key.toString('base64')}`
  const body = '{"type":"job.failed","data":{"name":"Müller"}}'
  const signature = createHmac('sha256', key).update(`msg_1.1795343641.${body}`).digest('base64')
  const attempt = (sent: string) =>
    ({
      request_headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': '1795343641', 'webhook-signature': sent },
    }) as unknown as DeliveryAttempt
  const verdict = (sent: string, of = body, by = secret) => {
    const signed = signedOf(attempt(sent), of)
    if (!signed) throw new Error('it is not signed')
    return verify(by, signed)
  }

  test('fits the secret it was made with, whole or cut short, beside another', async () => {
    expect(await verdict(`v1,${signature}`)).toBe('fits')
    expect(await verdict(`v1,AAAAAAA… v1,${signature.slice(0, 7)}…`)).toBe('fits')
  })

  test('does not fit another body, or a signature of too few characters', async () => {
    expect(await verdict(`v1,${signature}`, body.replace('M', 'N'))).toBe('does_not_fit')
    expect(await verdict(`v1,${signature.slice(0, 2)}…`)).toBe('does_not_fit')
  })

  test('is not checked with what is no secret, nor where there is none', async () => {
    expect(await verdict(`v1,${signature}`, body, 'hunter2')).toBe('no_secret')
    expect(signedOf({ request_headers: {} }, body)).toBeUndefined()
  })
})
