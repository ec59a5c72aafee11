// Signatures, as the public libraries of Standard Webhooks and Svix see them.
import { Webhook as Standard } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { describe, expect, test } from 'vitest'
import { hubSignature, keyOf, keysOf, makeSecret, signatures } from './sign.ts'

const id = 'msg_2f9k'
const body = '{"type":"job.failed","data":{"name":"Müller"}}'
const nowS = (): number => Math.floor(Date.now() / 1_000)
const keys = (...secrets: string[]) => keysOf(secrets)

const headers = (secrets: string[], { at = nowS(), signed = body }: { at?: number; signed?: string } = {}) => ({
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': signatures(keys(...secrets), id, at, signed),
})

const verifiers = [
  ['standardwebhooks', (secret: string) => new Standard(secret)],
  ['svix', (secret: string) => new Svix(secret)],
] as const

describe.each(verifiers)('%s', (_name, verifier) => {
  test('takes a message before, during and after a rotation', () => {
    const [old, fresh] = [makeSecret(), makeSecret()]
    expect(verifier(old).verify(body, headers([old]))).toEqual(JSON.parse(body))
    expect(verifier(old).verify(body, headers([fresh, old]))).toEqual(JSON.parse(body))
    expect(verifier(fresh).verify(body, headers([fresh, old]))).toEqual(JSON.parse(body))
    expect(verifier(fresh).verify(body, headers([fresh]))).toEqual(JSON.parse(body))
    expect(() => verifier(old).verify(body, headers([fresh]))).toThrow()
  })

  test('takes bytes that are signed as bytes', () => {
    const secret = makeSecret()
    const at = nowS()
    const signature = signatures(keys(secret), id, at, Buffer.from(body))
    expect(verifier(secret).verify(body, { ...headers([secret]), 'webhook-signature': signature })).toBeTruthy()
  })

  test('refuses a changed byte, another id and a replay from ten minutes ago', () => {
    const secret = makeSecret()
    const verify = (text: string, sent: Record<string, string>) => () => verifier(secret).verify(text, sent)
    expect(verify(body.replace('M', 'N'), headers([secret]))).toThrow()
    expect(verify(body, { ...headers([secret]), 'webhook-id': 'msg_other' })).toThrow()
    expect(verify(body, headers([secret], { at: nowS() - 600 }))).toThrow()
  })
})

test('the signature of a known message is the known one', () => {
  // From the specification's own test vector.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const sent = signatures(keys(secret), 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')
  expect(sent).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

describe('a secret', () => {
  test('is whsec_ and 32 bytes, another one each time', () => {
    expect(keyOf(makeSecret())).toHaveLength(32)
    expect(makeSecret()).not.toBe(makeSecret())
  })

  test.each([24, 64])('may have %i bytes', (length) => {
    expect(keyOf(`whsec_${Buffer.alloc(length, 7).toString('base64')}`)).toHaveLength(length)
  })

  test.each([
    `whsec_${Buffer.alloc(23, 7).toString('base64')}`,
    `whsec_${Buffer.alloc(65, 7).toString('base64')}`,
    Buffer.alloc(32, 7).toString('base64'),
    `whsec_!${Buffer.alloc(32, 7).toString('base64')}`,
    'whsec_',
  ])('is not %s', (text) => {
    expect(keyOf(text)).toBeUndefined()
  })
})

test('the signature of GitHub is over the body alone', () => {
  // From GitHub's documentation.
  expect(hubSignature("It's a Secret to Everybody", 'Hello, World!')).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  )
})
