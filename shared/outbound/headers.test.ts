import { expect, test } from 'vitest'
import { refusedHeader, requestHeaders } from './headers.ts'

test.each(['Connection', 'host', 'CONTENT-LENGTH', 'te', 'Transfer-Encoding', 'upgrade', 'accept-encoding', 'expect'])(
  '%s cannot be set',
  (name) => {
    expect(refusedHeader(name)).toBe(true)
    expect(() => requestHeaders({ [name]: 'x' })).toThrow(name)
  },
)

test.each([
  ['a line break in a value', { a: 'x\r\nhost: evil' }],
  ['a NUL in a value', { a: 'x\0' }],
  ['a character no header can carry', { a: '☃' }],
  ['a line break in a name', { 'a\r\nb': 'x' }],
  ['an empty name', { '': 'x' }],
  ['the same name twice', { a: '1', A: '2' }],
  ['a value that is no string', { a: null as unknown as string }],
  ['too many', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`h${index}`, 'x']))],
  ['too long', { a: 'x'.repeat(17_000) }],
])('%s is refused', (_, headers) => {
  expect(() => requestHeaders(headers)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})

test('a refusal does not repeat the value', () => {
  expect(() => requestHeaders({ authorization: 'secret\n' })).toThrow(/^the value of the header authorization/)
})

test('an own user agent wins over ours', () => {
  expect(requestHeaders({})).toEqual({ 'user-agent': 'k1n', 'accept-encoding': 'identity' })
  expect(requestHeaders({ 'User-Agent': 'me' })).toEqual({ 'User-Agent': 'me', 'accept-encoding': 'identity' })
})
