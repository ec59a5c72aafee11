// What a body may be, and which problem each other one is.
import { IncomingMessage, createServer } from 'node:http'
import { Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isProblem } from '../../shared/kernel/problem.ts'
import { dropBody, readJson, scan, separatorsMax } from './body.ts'

let url = ''
const server = createServer((req, res) => {
  const optional = req.url === '/optional'
  readJson(req, { limit: 100_000, optional }).then(
    ({ value }) => res.end(JSON.stringify({ value })),
    (error: unknown) => {
      res.statusCode = isProblem(error) ? error.status : 500
      res.end(
        JSON.stringify({
          code: isProblem(error) ? error.code : String(error),
          detail: isProblem(error) ? error.message : '',
        }),
      )
    },
  )
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const send = async (
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: Record<string, string> = {},
  path = '/',
) => {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  return {
    status: response.status,
    ...((await response.json()) as { value?: unknown; code?: string; detail?: string }),
  }
}
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('a body of JSON', () => {
  test.each<[string, string, unknown]>([
    ['an object', '{"a":1}', { a: 1 }],
    ['32 levels', deep(32), JSON.parse(deep(32))],
    ['signs of structure inside strings', '{"a":"[[[[{{{,,,\\"]"}', { a: '[[[[{{{,,,"]' }],
    ['a string that ends in a backslash', '["\\\\",1]', ['\\', 1]],
    ['emoji and escapes', '{"a":"😀\\u0000"}', { a: '😀\u0000' }],
  ])('takes %s', async (_name, body, value) => {
    expect(await send(body)).toEqual({ status: 200, value })
  })

  test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string]>([
    ['nothing', '', {}, 400, 'invalid-json'],
    ['half of it', '{"a":', {}, 400, 'invalid-json'],
    ['a comment', '{/* */}', {}, 400, 'invalid-json'],
    ['two values', '{}{}', {}, 400, 'invalid-json'],
    ['33 levels', deep(33), {}, 400, 'json-too-deep'],
    ['50,000 levels', '['.repeat(50_000), {}, 400, 'json-too-deep'],
    ['20,001 separators', `[${'1,'.repeat(20_001)}1]`, {}, 413, 'json-too-complex'],
    ['__proto__', '{"__proto__":{"polluted":1}}', {}, 400, 'invalid-json'],
    ['__proto__ in escapes', '{"\\u005f_proto__":{"polluted":1}}', {}, 400, 'invalid-json'],
    ['constructor.prototype', '{"constructor":{"prototype":{"polluted":1}}}', {}, 400, 'invalid-json'],
    ['broken UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400, 'invalid-utf8'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), {}, 400, 'invalid-utf8'],
    ['too many bytes', `"${'x'.repeat(100_000)}"`, {}, 413, 'body-too-large'],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['text', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['an empty type', '{}', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'unsupported-media-type'],
    ['gzip', new Uint8Array(gzipSync('{}')), { 'content-encoding': 'gzip' }, 415, 'unsupported-content-encoding'],
  ])('refuses %s', async (_name, body, headers, status, code) => {
    expect(await send(body, headers)).toMatchObject({ status, code })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('may be left out where it is optional, and only there', async () => {
    expect(await send(undefined, { 'content-type': '' }, '/optional')).toEqual({ status: 200 })
    expect(await send(undefined)).toMatchObject({ status: 400 })
  })

  test('a body that grows past the limit without saying its length is cut off', async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(60_000))),
    })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit).catch(() => undefined)
    expect(response === undefined || response.status === 413).toBe(true)
  })

  test('no piece of the body is told in the refusal', async () => {
    expect((await send('{"key": k1n_secret}')).detail).not.toContain('k1n_secret')
  })

  test('the number of members grows with the byte limit', () => {
    expect(separatorsMax(16_384)).toBe(20_000)
    expect(separatorsMax(1_048_576)).toBe(200_000)
    expect(() => scan('"' + '\\'.repeat(3), 10)).not.toThrow()
  })
})

test('a body that nobody reads is let run out once, however often the request is asked again', () => {
  const req = new IncomingMessage(new Socket())
  req.headers['content-length'] = '5'
  dropBody(req)
  const listeners = req.listenerCount('close')
  for (let i = 0; i < 50; i++) dropBody(req)
  expect(req.listenerCount('close')).toBe(listeners)
  req.destroy()
})
