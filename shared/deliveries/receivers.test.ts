// Endpoints that misbehave: what each attempt is judged as, what is kept of it, and that nothing more is read or waited for.
import { afterEach, describe, expect, test } from 'vitest'
import { stoppedClock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createVault } from '../kernel/vault.ts'
import { FAILING } from '../outbound/fixtures/failing.ts'
import { answering, onRequest, receiver } from '../outbound/fixtures/receiver.ts'
import type { Receiver } from '../outbound/fixtures/receiver.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { sealHeaders, sealSecret } from '../webhooks/secrets.ts'
import { makeSecret } from '../webhooks/sign.ts'
import { WebhookSettings } from '../webhooks/words.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { createSend } from './send.ts'
import type { Sent } from './send.ts'

const vault = createVault([Buffer.alloc(32, 7)])
const clock = stoppedClock()
const kernel = { vault, clock, settings: {}, log: { error: () => undefined } } as unknown as Kernel

const webhookAt = (url: string): WebhookRecord => ({
  id: 'wh_a',
  settings: WebhookSettings.parse({ url, event_types: ['*'] }),
  ...{ queues: ['*'], outside: true, enabled: true, disabled: null, createdAt: 0, updatedAt: 0, by: 'Ada', version: 1 },
  secrets: [sealSecret(vault, 'wh_a', makeSecret(), 0)],
  sealedHeaders: sealHeaders(vault, 'wh_a', { 'x-token': 'top-secret' }),
  headerNames: ['x-token'],
})

const servers: Receiver[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** Patient unless a deadline is what the test is about: a machine with much to do may answer late. */
const sendTo = async (serve: Parameters<typeof receiver>[0], timeoutMs = 10_000): Promise<Sent> => {
  const server = await receiver(serve)
  servers.push(server)
  const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], timeoutMs, keepMs: 1_000 })
  const message = { key: 'a'.repeat(26), eventId: '1-0', eventType: 'job.failed', body: '{}', hop: 0, attempt: 1 }
  return createSend(kernel, outbound)(webhookAt(server.url), message, new AbortController().signal)
}

describe('an endpoint that', () => {
  test.each(FAILING)('%s is judged failed: %s', async (_what, code, serve) => {
    const sent = await sendTo(serve, code === 'timeout_total' ? 300 : undefined)
    expect(sent.judgement).toBe('failed')
    expect(sent.kept.error).toBe(code)
    expect(sent.kept.text.length).toBeLessThanOrEqual(1_024)
    expect(JSON.stringify(sent.kept)).not.toContain('top-secret')
  })

  const said = (status: number, more = '', body = '') =>
    answering(`HTTP/1.1 ${status} Said\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`)

  test.each([
    [200, 'delivered', null],
    [204, 'delivered', null],
    [299, 'delivered', null],
    [304, 'failed', 'http_304'],
    [400, 'failed', 'http_400'],
    [404, 'failed', 'http_404'],
    [410, 'gone', 'http_410'],
    [429, 'throttled', 'http_429'],
    [500, 'failed', 'http_500'],
    [502, 'throttled', 'http_502'],
    [503, 'throttled', 'http_503'],
    [504, 'throttled', 'http_504'],
    [999, 'failed', 'http_999'],
  ] as const)('answers %i is judged %s', async (status, judgement, error) => {
    expect(await sendTo(said(status))).toMatchObject({ judgement, kept: { status, error } })
  })

  test.each([
    ['0', 1_000],
    ['-1', undefined],
    ['1000000000', 86_400_000],
    ['soon', undefined],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 1_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
  ] as const)('asks to be left alone for %s is heard', async (after, askedMs) => {
    expect(await sendTo(said(503, `retry-after: ${after}\r\n`))).toMatchObject({ judgement: 'throttled', askedMs })
  })

  test('answers 10 MB is read no further than 64 KiB, and 1 KiB is kept', async () => {
    const sent = await sendTo((socket) =>
      onRequest(socket, () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n${'x'.repeat(70_000)}`)
      }),
    )
    expect(sent).toMatchObject({ judgement: 'delivered', kept: { status: 200, text: 'x'.repeat(1_024) } })
  })

  test('answers 200 and then resets has got it', async () => {
    expect(await sendTo(said(200, '', 'ok'))).toMatchObject({ judgement: 'delivered' })
  })

  test('cannot be signed for, as its secret was sealed with another key, is not called', async () => {
    const other = { ...kernel, vault: createVault([Buffer.alloc(32, 8)]) } as Kernel
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
    const message = { key: 'a'.repeat(26), eventId: '1-0', eventType: 'job.failed', body: '{}', hop: 0, attempt: 1 }
    const sent = await createSend(other, outbound)(
      webhookAt('http://127.0.0.1:9/'),
      message,
      new AbortController().signal,
    )
    expect(sent).toMatchObject({ judgement: 'failed', kept: { error: 'secret_sealed', status: null } })
  })
})
