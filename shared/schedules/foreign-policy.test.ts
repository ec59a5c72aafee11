// What a job scheduler says as a schedule says it, and what cannot be said.
import { describe, expect, test } from 'vitest'
import type { WholeScheduler } from '../bullmq/bullmq.ts'
import { definitionOf, scheduleIdOf } from './foreign-policy.ts'

const now = Date.UTC(2026, 0, 1)
const next = now + 30 * 60_000
const scheduler = (over: Partial<WholeScheduler>): WholeScheduler => ({
  ...{ next, waits: true, name: 'report.build', pattern: undefined, every: undefined, tz: undefined },
  ...{ startDate: undefined, endDate: undefined, limit: undefined, made: 3, opts: '{}', data: '{"of":"sales"}' },
  ...over,
})
const said = (over: Partial<WholeScheduler>) => definitionOf('reports', 'nightly', scheduler(over), now)

describe('what is said', () => {
  test.each<[string, Partial<WholeScheduler>, object]>([
    [
      'a span, from where its times lie',
      { every: 3_600_000 },
      { trigger: { type: 'interval', every_ms: 3_600_000, offset_ms: 1_800_000 } },
    ],
    [
      'a pattern and its zone',
      { pattern: '30 2 * * *', tz: 'Europe/Berlin' },
      { trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' } },
    ],
    ['a pattern without one, where its next time is one of UTC', { pattern: '30 * * * *' }, { trigger: { timezone: 'UTC' } }], // prettier-ignore
    ['the jobs that are left of a limit, the next included', { every: 60_000, limit: 10 }, { max_runs: 8 }],
    ['those without the next, where it may run', { every: 60_000, limit: 10, waits: false }, { max_runs: 7 }],
    ['an end', { every: 60_000, endDate: now + 1 }, { end_at: new Date(now + 1).toISOString() }],
    [
      'options',
      { every: 60_000, opts: '{"attempts":5,"priority":7,"lifo":true,"backoff":{"type":"fixed","delay":500}}' },
      { job_options: { attempts: 5, priority: 7, lifo: true, backoff: { type: 'fixed', delay_ms: 500 } } },
    ],
    ['that completed jobs are not kept for ever', { every: 60_000, opts: '{"removeOnComplete":{"count":9}}' }, { job_options: { remove_on_complete: true } }], // prettier-ignore
  ])('is %s', (_what, over, expected) => {
    expect(said(over).value).toMatchObject({ job_name: 'report.build', queue: 'reports', data: { of: 'sales' }, ...expected }) // prettier-ignore
  })

  test.each<[string, Partial<WholeScheduler>, RegExp]>([
    ['a repeatable job of before', { name: undefined }, /BullMQ 4/],
    ['no times', {}, /says no times/],
    ['times less than a second apart', { every: 200 }, /every 200 ms/],
    ['a pattern that means another time in each process', { pattern: 'H * * * *', tz: 'UTC' }, /names no time/],
    ['a zone that is none', { pattern: '0 3 * * *', tz: 'Moon/Sea' }, /no time zone Moon/],
    ['no zone, and times of none but its own machine', { pattern: '0 3 * * *' }, /names no time zone/],
    ['an end that is over', { every: 60_000, endDate: now }, /has ended/],
    ['all its jobs made', { every: 60_000, limit: 3, waits: false }, /made all its jobs/],
    ['a payload that is no object', { every: 60_000, data: '[1]' }, /no object/],
    ['a payload that is too long', { every: 60_000, data: undefined }, /no object/],
    ['a payload that a schedule would fill', { every: 60_000, data: '{"a":"{{slot.at}}"}' }, /would fill/],
    ['jobs made one', { every: 60_000, opts: '{"de":{"id":"x"}}' }, /deduplication/],
    [
      'waits that only its workers know',
      { every: 60_000, opts: '{"backoff":{"type":"mine"}}' },
      /only its own workers/,
    ],
    ['more attempts than a job may have', { every: 60_000, opts: '{"attempts":99}' }, /job_options\.attempts/],
  ])('is not: %s', (_what, over, why) => {
    expect(said(over).why).toMatch(why)
  })
})

test('an id is kept as far as it can be one', () => {
  expect(scheduleIdOf('nightly-billing')).toBe('nightly-billing')
  expect(scheduleIdOf('Nightly Billing!')).toBe('nightly-billing')
  for (const id of ['', '::', 'new', 'x'.repeat(200)]) {
    expect(scheduleIdOf(id)).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}[a-z0-9]$/)
    expect(scheduleIdOf(id)).not.toBe('new')
    expect(scheduleIdOf(id, 'mail')).not.toBe(scheduleIdOf(id, 'reports'))
  }
})
