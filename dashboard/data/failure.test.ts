// Every failed call must tell what happened and carry the id that support will ask for.
import { expect, test, vi } from 'vitest'
import { ApiError } from '../../shared/kernel/client.ts'
import { failureLine, failureOf, fieldsIn, isStillRefused, Unreachable, wasAborted } from './failure.ts'

const refusal = (status: number, problem: Record<string, unknown>, headers: Record<string, string> = {}) =>
  failureOf(new ApiError(status, problem, new Headers(headers)))

test('a missing scope is named', () => {
  const failure = refusal(
    403,
    { detail: 'The key may only read.' },
    { 'www-authenticate': 'Bearer error="insufficient_scope", scope="jobs:manage"' },
  )
  expect(failure).toMatchObject({ kind: 'forbidden', scope: 'jobs:manage' })
  expect(failureLine('Retrying', failure)).toBe('Retrying did not work: The key may only read. Needs jobs:manage.')
})

test('what is limited says when to try again, and is left alone as a matter of routine until then', () => {
  const soon = refusal(429, { detail: 'Too many.' }, { 'retry-after': '41' })
  expect(soon).toMatchObject({ kind: 'limited', detail: 'Too many. Try again in 41 s.' })
  expect(isStillRefused(soon)).toBe(true)
  expect(isStillRefused({ ...soon, againAt: performance.now() })).toBe(false)
  expect(refusal(429, { detail: 'Used up.' }, { 'retry-after': '50400' }).detail).toBe('Used up. Try again in 840 min.')
  expect(isStillRefused(refusal(429, { detail: 'Too many.' }))).toBe(false)
  expect(isStillRefused(refusal(503, { detail: 'Away.' }, { 'retry-after': '1' }))).toBe(false)
})

test('field errors are told with the field', () => {
  const failure = refusal(422, {
    detail: '1 field is invalid.',
    errors: [{ pointer: '#/delay_ms', detail: 'too big' }],
    request_id: 'req_1',
  })
  expect(failure.detail).toBe('1 field is invalid. #/delay_ms too big')
  expect(fieldsIn(failure)).toEqual({ delay_ms: 'too big' })
  expect(failure.requestId).toBe('req_1')
  expect(failure.mistakes).toEqual([{ pointer: '#/delay_ms', detail: 'too big' }])
})

test.each([
  [404, 'missing'],
  [410, 'missing'],
  [409, 'conflict'],
  [412, 'conflict'],
  [429, 'limited'],
  [400, 'invalid'],
  [503, 'server'],
])('%d is %s', (status, kind) => {
  expect(refusal(status, {}).kind).toBe(kind)
})

test('a lost network, a page of a proxy and our own abort are told apart', () => {
  expect(failureOf(new Unreachable()).kind).toBe('offline')
  expect(failureOf(new SyntaxError('<html>')).kind).toBe('server')
  expect(wasAborted(new DOMException('', 'AbortError'))).toBe(true)
  expect(wasAborted(new TypeError('x'))).toBe(false)
})

test('a mistake of our own is not passed off as a lost network', () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(failureOf(new TypeError('x is not a function'))).toEqual({
    kind: 'server',
    detail: 'The dashboard made a mistake: TypeError: x is not a function',
  })
  expect(log).toHaveBeenCalledOnce()
  log.mockRestore()
})
