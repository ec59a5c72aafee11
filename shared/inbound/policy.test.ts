// Signatures by the examples that senders publish and by the public libraries; which delivery it is; what it is told as.
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, test } from 'vitest'
import { challengeOf, deliveryOf, nameOf, refusalOf, signedOf } from './policy.ts'
import type { Delivery } from './policy.ts'
import { Verify } from './words.ts'
import type { Scheme } from './words.ts'

const NOW = 1_531_420_618_000

const settings = (scheme: Scheme, more: object = {}): Verify => Verify.parse({ scheme, ...more })
const sent = (body: string, headers: Record<string, string>, now = NOW): Delivery => ({
  raw: Buffer.from(body),
  headers,
  now,
})
const hex = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')

describe('the published examples are taken', () => {
  test('of GitHub', () => {
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    const delivery = sent('Hello, World!', { 'x-hub-signature-256': signature })
    expect(refusalOf(settings('github'), ["It's a Secret to Everybody"], delivery)).toBeUndefined()
  })

  test('of Slack', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': '1531420618' }
    expect(refusalOf(settings('slack'), ['8f742231b10e8888abcd99yyyzzz85a5'], sent(body, headers))).toBeUndefined()
  })

  test('of Standard Webhooks', () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    const delivery = sent('{"test": 2432232314}', headers, 1_614_265_330_000)
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    expect(refusalOf(settings('standard_webhooks'), [secret], delivery)).toBeUndefined()
  })
})

const STANDARD = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const BODY = '{"id":"evt_1","type":"invoice.paid","amount":5}'
const at = new Date(NOW)
const seconds = String(NOW / 1_000)

/** A right delivery of each scheme that signs. */
const right: Record<string, { verify: Verify; secret: string; headers: Record<string, string>; signature: string }> = {
  standard_webhooks: {
    verify: settings('standard_webhooks'),
    secret: STANDARD,
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': seconds,
      'webhook-signature': new Webhook(STANDARD).sign('msg_1', at, BODY),
    },
    signature: 'webhook-signature',
  },
  'standard_webhooks, as Svix sends them': {
    verify: settings('standard_webhooks'),
    secret: STANDARD,
    headers: {
      'svix-id': 'msg_1',
      'svix-timestamp': seconds,
      'svix-signature': new SvixWebhook(STANDARD).sign('msg_1', at, BODY),
    },
    signature: 'svix-signature',
  },
  github: {
    verify: settings('github'),
    secret: 'github secret',
    headers: { 'x-hub-signature-256': `sha256=${hex('github secret', BODY)}` },
    signature: 'x-hub-signature-256',
  },
  stripe: {
    verify: settings('stripe'),
    secret: 'whsec_stripe',
    headers: { 'stripe-signature': `t=${seconds},v1=${hex('whsec_stripe', `${seconds}.${BODY}`)},v0=00` },
    signature: 'stripe-signature',
  },
  slack: {
    verify: settings('slack'),
    secret: 'slack secret',
    headers: {
      'x-slack-signature': `v0=${hex('slack secret', `v0:${seconds}:${BODY}`)}`,
      'x-slack-request-timestamp': seconds,
    },
    signature: 'x-slack-signature',
  },
  hmac: {
    verify: settings('hmac', { signature_header: 'X-Shop-Hmac', encoding: 'base64' }),
    secret: 'shop secret',
    headers: { 'x-shop-hmac': createHmac('sha256', 'shop secret').update(BODY).digest('base64') },
    signature: 'x-shop-hmac',
  },
}
const timed = Object.entries(right).filter(([, { verify }]) => 'tolerance_s' in verify)

describe.each(Object.entries(right))('%s', (_name, { verify, secret, headers, signature }) => {
  test('takes what is signed with either of two secrets', () => {
    expect(refusalOf(verify, ['the new secret!', secret], sent(BODY, headers))).toBeUndefined()
    expect(refusalOf(verify, [secret, 'the old secret!'], sent(BODY, headers))).toBeUndefined()
  })

  test('refuses a changed byte, another secret, no secret and no signature', () => {
    expect(refusalOf(verify, [secret], sent(BODY.replace('5', '6'), headers))).toBe('wrong_signature')
    expect(refusalOf(verify, ['another secret'], sent(BODY, headers))).toBe('wrong_signature')
    expect(refusalOf(verify, [], sent(BODY, headers))).toBe('wrong_signature')
    expect(refusalOf(verify, [secret], sent(BODY, { ...headers, [signature]: '' }))).toBe('missing_header')
    expect(refusalOf(verify, [secret], sent(BODY, {}))).toBe('missing_header')
    expect(refusalOf(verify, [secret], sent(BODY, { ...headers, [signature]: 'nonsense' }))).toMatch(/header|signature/)
  })
})

test.each(timed)('%s refuses what was signed ten minutes ago, or is to come', (_name, { verify, secret, headers }) => {
  expect(refusalOf(verify, [secret], sent(BODY, headers, NOW + 299_000))).toBeUndefined()
  expect(refusalOf(verify, [secret], sent(BODY, headers, NOW + 600_000))).toBe('wrong_time')
  expect(refusalOf(verify, [secret], sent(BODY, headers, NOW - 600_000))).toBe('wrong_time')
})

test('of two signatures in one header one that is right will do', () => {
  const { verify, secret, headers } = right['standard_webhooks'] as (typeof right)[string]
  const both = `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature'] ?? ''} v1a,xx`
  expect(refusalOf(verify, [secret], sent(BODY, { ...headers, 'webhook-signature': both }))).toBeUndefined()
})

test('a header of a name that every object has is missing, unless it was sent', () => {
  const verify = settings('hmac', { signature_header: 'Constructor', id_header: 'ToString' })
  expect(refusalOf(verify, ['shop secret'], sent(BODY, {}))).toBe('missing_header')
  const delivery = sent(BODY, { constructor: hex('shop secret', BODY) })
  expect(refusalOf(verify, ['shop secret'], delivery)).toBeUndefined()
  expect(deliveryOf(verify, delivery, {})).toMatch(/^hash:/)
})

describe('what is not signed', () => {
  const shared = settings('shared_secret', { header: 'X-Gitlab-Token' })
  test('is taken with the shared secret only', () => {
    expect(refusalOf(shared, ['the secret'], sent(BODY, { 'x-gitlab-token': 'the secret' }))).toBeUndefined()
    expect(refusalOf(shared, ['the secret'], sent(BODY, { 'x-gitlab-token': 'the secre' }))).toBe('wrong_signature')
    expect(refusalOf(shared, ['the secret'], sent(BODY, {}))).toBe('missing_header')
  })

  test('is taken where nothing is asked', () => {
    expect(refusalOf(settings('none'), [''], sent(BODY, {}))).toBeUndefined()
  })
})

describe('a delivery is known again', () => {
  const idOf = (verify: Verify, headers: Record<string, string>, payload: unknown = {}, body = BODY) =>
    deliveryOf(verify, sent(body, headers), payload)
  test('by the id its scheme gives it', () => {
    expect(idOf(settings('standard_webhooks'), { 'webhook-id': 'msg_1' })).toBe('msg_1')
    expect(idOf(settings('github'), { 'x-github-delivery': 'guid' })).toBe('guid')
    expect(idOf(settings('stripe'), {}, { id: 'evt_1' })).toBe('evt_1')
    expect(idOf(settings('slack'), {}, { event_id: 'Ev1' })).toBe('Ev1')
    expect(idOf(settings('none', { id_header: 'X-Id' }), { 'x-id': 'a' })).toBe('a')
  })

  test('and by what was signed, where its id is not', () => {
    const shop = settings('hmac', { signature_header: 'X-Shop-Hmac', id_header: 'X-Id' })
    const github = settings('github')
    for (const verify of [shop, github]) {
      const one = signedOf(verify, sent(BODY, { 'x-id': '1', 'x-github-delivery': '1' }))
      expect(one).toEqual(expect.any(String))
      expect(signedOf(verify, sent(BODY, { 'x-id': '2', 'x-github-delivery': '2' }))).toBe(one)
      expect(signedOf(verify, sent('another body', {}))).not.toBe(one)
    }
    for (const scheme of ['standard_webhooks', 'stripe', 'slack', 'none'] as const)
      expect(signedOf(settings(scheme), sent(BODY, {}))).toBeUndefined()
  })

  test('else by what was signed, and not at all where nothing was', () => {
    const shop = settings('hmac', { signature_header: 'X-Shop-Hmac' })
    expect(idOf(shop, {})).toBe(idOf(shop, {}))
    expect(idOf(shop, {})).not.toBe(idOf(shop, {}, {}, 'another body'))
    expect(idOf(settings('slack'), { 'x-slack-request-timestamp': '1' })).not.toBe(
      idOf(settings('slack'), { 'x-slack-request-timestamp': '2' }),
    )
    expect(idOf(settings('none'), {})).toBeUndefined()
  })
})

test.each([
  [{ event: 'github', append: { header: 'X-GitHub-Event' } }, 'pull_request', 'github.pull_request'],
  [{ event: 'stripe', append: { path: 'type' } }, '', 'stripe.invoice.paid'],
  [{ event: 'shop', append: { header: 'X-Topic' } }, '', 'shop'],
  [{ event: 'shop', append: { header: 'X-GitHub-Event' } }, 'Orders/Create! ..__.x', 'shop.orders_create__.x'],
  [{ event: 'a.b.c.d.e', append: { header: 'X-GitHub-Event' } }, 'f.g.h', 'a.b.c.d.e.f'],
  [{ event: 'shop', append: { path: 'amount' } }, '', 'shop'],
  [{ event: 'shop.order', append: null }, 'x', 'shop.order'],
])('%j with %j is told as %s', (emit, header, name) => {
  expect(nameOf(emit, { 'x-github-event': header }, JSON.parse(BODY))).toBe(name)
})

test('the question by which Slack checks an address is known from others', () => {
  const question = { type: 'url_verification', challenge: '3eZb' }
  expect(challengeOf(settings('slack'), question)).toBe('3eZb')
  expect(challengeOf(settings('github'), question)).toBeUndefined()
  expect(challengeOf(settings('slack'), { ...question, type: 'event_callback' })).toBeUndefined()
})
