// What an operator reads of endpoints must be true: which fail, until when they rest, and when they turn themselves off.
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../data/webhooks.ts'
import {
  failureWords,
  fits,
  rateWords,
  sortWebhooks,
  standingLine,
  standingOf,
  summaryWords,
  typesWords,
} from './model.ts'
import { isSuccess, outcomeWords } from './outcome.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 30)
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString()
const health = { backlog: 0, p95_ms: null, attempts: 0, arrived: 0, failing_since: null, rests_until: null, disables_at: null } // prettier-ignore
const endpoint = (more: Partial<Omit<Endpoint, 'health'>> = {}, fares: object = {}): Endpoint =>
  ({
    url: 'https://crm.example/',
    description: '',
    subscriber: null,
    enabled: true,
    disabled_reason: null,
    disabled_at: null,
    consecutive_failures: 0,
    last_success_at: null,
    last_failure_at: null,
    last_failure: null,
    health: { ...health, ...fares },
    ...more,
  }) as Endpoint
const failing = endpoint(
  { consecutive_failures: 12 },
  { failing_since: at(-76), rests_until: at(4), disables_at: at(118 * 60), backlog: 410 },
)

describe('how an endpoint fares', () => {
  test.each([
    ['unused', {}],
    ['healthy', { last_success_at: at(-1) }],
    ['failing', { last_success_at: at(-1), consecutive_failures: 1 }],
    ['paused', { enabled: false, disabled_reason: 'by_operator', consecutive_failures: 1 }],
    ['gone', { enabled: false, disabled_reason: 'gone' }],
    ['turned_off', { enabled: false, disabled_reason: 'failing' }],
  ] as const)('is %s', (standing, more) => {
    expect(standingOf(endpoint(more))).toBe(standing)
  })

  test('names its last failure by status and class', () => {
    const last = (status_code: number | null, error_code: string | null) =>
      failureWords({ last_failure: { at: at(-1), status_code, error_code } })
    expect(last(503, 'http_503')).toBe('It answered 503 (http_503)')
    expect(last(null, 'timeout_total')).toBe('It took too long (timeout_total)')
    expect(last(302, null)).toBe('It answered 302')
    expect(failureWords({ last_failure: null })).toBe('')
  })

  test('is said in a sentence', () => {
    expect(standingLine(failing, NOW, 'UTC')).toBe(
      '12 failures in a row since 09:14; next try in 4 min, turns itself off in 4 d.',
    )
    expect(standingLine(endpoint({ last_success_at: at(-1) }, { attempts: 1_000, arrived: 997 }), NOW)).toBe(
      '99.70 % of 1,000 arrived.',
    )
    const gone = endpoint({ enabled: false, disabled_reason: 'gone', disabled_at: at(-3_000) })
    expect(standingLine(gone, NOW, 'UTC')).toBe(
      'The receiver said that it is gone for good (410), since 20 Nov, 08:30. Nothing is sent to it.',
    )
  })

  test('is told for all of them, and those that fail come first', () => {
    const off = endpoint({ enabled: false, url: 'https://b.example/' })
    const well = endpoint({ last_success_at: at(-1), url: 'https://a.example/' })
    expect(sortWebhooks([off, well, failing])).toEqual([failing, off, well])
    expect(summaryWords([off, well, failing])).toBe('1 endpoint fails. 1 endpoint gets nothing: paused or turned off.')
    expect(summaryWords([well])).toBe('Every endpoint that is on takes what it is sent.')
    expect(summaryWords([off])).toBe('1 endpoint gets nothing: paused or turned off.')
  })

  test('has no rate while nothing was sent, or nothing is known', () => {
    expect(rateWords(endpoint())).toBe('–')
    expect(rateWords({})).toBe('–')
    expect(rateWords(endpoint({}, { attempts: 4, arrived: 1 }))).toBe('25 % of 4')
  })
})

test('what it is sent is said shortly', () => {
  expect(typesWords(['job.*', '*'])).toBe('All facts')
  expect(typesWords(['job.*', 'dlq.*', 'queue.paused', 'queue.resumed'])).toBe('job.*, dlq.* and 2 more')
  expect(fits(endpoint({ description: 'The CRM of Acme' }), 'acme')).toBe(true)
})

test('what came of a request is said in words', () => {
  expect(outcomeWords({ status_code: 503, error_code: 'http_503' })).toBe('answered 503')
  expect(outcomeWords({ status_code: null, error_code: 'timeout_total' })).toBe('took too long')
  expect(outcomeWords({ status_code: 302, error_code: 'redirect' })).toMatch(/redirect, which is not followed/)
  expect(outcomeWords({ status_code: null, error_code: 'moon_phase' })).toBe('failed: moon phase')
  expect(isSuccess({ status_code: 204, error_code: null })).toBe(true)
  expect(isSuccess({ status_code: 302, error_code: null })).toBe(false)
})
