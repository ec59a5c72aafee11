// The form of an endpoint: what is typed must be asked for exactly, and what is saved must come back as it was.
import { describe, expect, test } from 'vitest'
import type { Webhook } from '../../../shared/webhooks/contract.ts'
import { delaysWords, growing, readDelays, writeDelay } from './delays.ts'
import { draftOf, emptyDraft, refusalsOf, retryWords, settingsOf } from './fields.ts'
import { readFilter, rowsOf } from './filter.ts'
import { covers, groupsOf, isCovered, isPattern, wantedOf, withPattern } from './types.ts'

const form = (more: Record<string, string> = {}) => ({
  ...emptyDraft,
  url: 'https://crm.example/hooks',
  event_types: '["job.failed"]',
  ...more,
})

describe('what is saved', () => {
  const webhook = {
    url: 'https://crm.example/hooks',
    description: 'CRM',
    event_types: ['job.*'],
    filter: [{ path: 'queue', op: 'in', value: ['mail', 5, null] }],
    headers: ['x-token'],
    include_data: true,
    concurrency: 8,
    rate_limit: { max: 100, per_ms: 60_000 },
    retry: { base_ms: 5_000, factor: 3, max_ms: 86_400_000, max_attempts: 6 },
    order_by: 'task_id',
    legacy_signature: 'github',
    subscriber: 'acme',
  } as unknown as Webhook

  test('comes back from the form as it was', () => {
    const { settings, errors } = settingsOf(draftOf(webhook))
    const { headers: _kept, ...rest } = webhook
    expect(settings).toEqual(rest)
    expect(errors).toEqual({})
  })

  test('is not changed by waits that are listed', () => {
    const retry = { delays_ms: [5_000, 300_000, 5_400_000] }
    expect(settingsOf(draftOf({ ...webhook, retry })).settings.retry).toEqual(retry)
  })
})

test('what is not right is told at its field', () => {
  const wrong = { url: 'crm', event_types: '[]', delays: '5s soon', rate_max: '5', rate_per: '2h', concurrency: '0' }
  expect(Object.keys(settingsOf(form(wrong)).errors).sort()).toEqual([
    'concurrency',
    'delays',
    'event_types',
    'rate_per',
    'url',
  ])
  expect(settingsOf(form({ headers: '[{"name":"x-token","value":"","kept":false}]' })).errors).toHaveProperty('headers')
  expect(refusalsOf({ url: 'is private', 'event_types/0': 'is none', 'retry/delays_ms': 'too many' })).toEqual({
    url: 'is private',
    event_types: 'is none',
    delays: 'too many',
  })
})

describe('waits', () => {
  test.each([
    ['5s 5m, 2h 1d', [5_000, 300_000, 7_200_000, 86_400_000]],
    ['', []],
    ['1.5m', [90_000]],
  ])('%s', (text, delays) => {
    expect(readDelays(text)).toEqual({ delays })
    expect(readDelays(delays.map(writeDelay).join(' '))).toEqual({ delays })
  })

  test.each(['soon', '100ms', '3d', Array.from({ length: 31 }, () => '1s').join(' ')])('not %s', (text) => {
    expect(readDelays(text)).toHaveProperty('error')
  })

  test('are said in a sentence, also those that grow', () => {
    expect(delaysWords([])).toBe('Tried once; what fails is given up at once.')
    expect(delaysWords([5_000, 300_000])).toBe(
      'Tried 3 times in 5 min 5 s: after 5 s, 5 min. Each wait is up to 20 % shorter or longer.',
    )
    expect(growing(5_000, 2, 15_000, 5)).toEqual([5_000, 10_000, 15_000, 15_000])
    expect(retryWords(form({ retry_by: 'growing', base: '5s', factor: '2', max: '15s', attempts: '3' }))).toMatch(
      /^Tried 3 times in 15 s/,
    )
    expect(retryWords(form({ delays: 'soon' }))).toBe('')
  })
})

describe('conditions', () => {
  test('tell numbers from texts', () => {
    const rows = [
      { path: 'attempt', op: 'gt', value: '3' },
      { path: 'queue', op: 'eq', value: '"3"' },
      { path: 'error.class', op: 'in', value: 'timeout, "a, b", 5' },
      { path: 'name', op: 'prefix', value: 'mail.' },
    ] as const
    const filter = [
      { path: 'attempt', op: 'gt', value: 3 },
      { path: 'queue', op: 'eq', value: '3' },
      { path: 'error.class', op: 'in', value: ['timeout', 'a, b', 5] },
      { path: 'name', op: 'prefix', value: 'mail.' },
    ] as const
    expect(readFilter(rows)).toEqual({ filter })
    expect(readFilter(rowsOf([...filter] as Parameters<typeof rowsOf>[0]))).toEqual({ filter })
  })

  test.each([
    { path: '', op: 'eq', value: '1' },
    { path: 'a', op: 'in', value: '' },
    { path: 'a', op: 'gt', value: 'true' },
    { path: 'a', op: 'prefix', value: '' },
  ] as const)('that say nothing are refused: %o', (row) => {
    expect(readFilter([row])).toHaveProperty('error')
  })
})

describe('kinds of facts', () => {
  const types = ['job.added', 'job.failed', 'queue.paused'].map((type) => ({ type, description: '' }))

  test('are grouped by their first word', () => {
    expect(groupsOf(types).map(({ pattern, types: all }) => [pattern, all.length])).toEqual([
      ['job.*', 2],
      ['queue.*', 1],
    ])
  })

  test('a wider choice takes in the narrower ones', () => {
    expect(withPattern(['job.failed', 'queue.paused'], 'job.*', true)).toEqual(['queue.paused', 'job.*'])
    expect(withPattern(['job.*'], '*', true)).toEqual(['*'])
    expect(withPattern(['job.*'], 'job.*', false)).toEqual([])
    expect(isCovered(['job.*'], 'job.failed')).toBe(true)
    expect(isCovered(['job.failed'], 'job.*')).toBe(false)
    expect(covers('a.*', 'a.b.*')).toBe(true)
    expect(wantedOf(['job.*'], types)).toBe(2)
  })

  test('may be named that nobody knows yet', () => {
    expect(['order.placed', 'order.*', '*'].every(isPattern)).toBe(true)
    expect(['Order', 'order.', '.*', 'a*'].some(isPattern)).toBe(false)
  })
})
