// The panel must go on being true between two answers of the API, and show every figure as what it is.
import { expect, test } from 'vitest'
import type { Explanation } from '../../../shared/explain/contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { estimateWords, figuresOf, headline } from './why.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const iso = (at: number): string => new Date(at).toISOString()
const job = (given: Partial<Job>): Job =>
  ({ id: 'mail:1', state: 'waiting', attempts_made: 0, attempts_max: 3, why: 'As the API said.', ...given }) as Job
const explained = (given: Partial<Explanation>): Explanation =>
  ({
    state: 'waiting',
    cause: 'queue_paused',
    says: 'It is paused.',
    is: 'waiting',
    evidence: [],
    ...given,
  }) as Explanation
const estimate = (sure: 'exact' | 'rough' | 'not_before' | 'unknown', at: number | null) => ({
  cause: 'rate_limit' as const,
  estimate: { at: at === null ? null : iso(at), in_ms: null, sure, says: 'Runs when somebody resumes the queue.' },
})

test('the headline is the reason, as long as it is of the state the job is in', () => {
  expect(headline(job({}), explained({}), NOW)).toBe('It is paused.')
  expect(headline(job({}), undefined, NOW)).toBe('As the API said.')
  expect(headline(job({ state: 'failed' }), explained({}), NOW)).toBe('As the API said.')
})

test('what has a time in it goes on with the clock', () => {
  const delayed = job({ state: 'delayed', run_at: iso(NOW + 12_000) })
  const reason = explained({ state: 'delayed', cause: 'delayed', says: 'Waits for its time; it may run in 14 s.' })
  expect(headline(delayed, reason, NOW)).toBe('Waits for its time; it runs in 12 s.')
  expect(estimateWords({ ...estimate('exact', NOW + 12_000), cause: 'delayed' }, NOW)).toBeUndefined()
  expect(estimateWords(estimate('exact', NOW + 12_000), NOW)).toBe('Runs in 12 s.')
  expect(estimateWords(estimate('exact', NOW + 12_000), NOW + 13_000)).toBe('Runs any moment.')
})

test('an estimate says how sure it is', () => {
  expect(estimateWords(estimate('rough', NOW + 90_000), NOW)).toBe(
    'Runs in about 1 min, by the rate of the last minutes.',
  )
  expect(estimateWords(estimate('not_before', NOW + 18_000), NOW)).toBe('Runs in 18 s at the earliest.')
  expect(estimateWords(estimate('unknown', null), NOW)).toBe('Runs when somebody resumes the queue.')
  expect(estimateWords({ cause: 'running', estimate: null }, NOW)).toBeUndefined()
})

test('figures are shown as what they are, and only of what waits', () => {
  const evidence = [
    { name: 'a', label: 'Paused by', value: 'Ada', unit: 'text' },
    { name: 'b', label: 'Paused', value: iso(NOW), unit: 'instant' },
    { name: 'c', label: 'Window ends in', value: 2_400, unit: 'ms' },
    { name: 'd', label: 'Memory used', value: 4_200_000, unit: 'bytes' },
    { name: 'e', label: 'Jobs ended', value: 4_377, unit: 'per_min' },
    { name: 'f', label: 'Jobs before it', value: 4_377, unit: 'count' },
    { name: 'g', label: 'Failed', value: 'mail:t_1', unit: 'job' },
    { name: 'h', label: 'Queue', value: 'mail', unit: 'queue' },
  ] as const
  expect(figuresOf({ is: 'waiting', evidence: [...evidence] })).toEqual([
    { label: 'Paused by', text: 'Ada' },
    { label: 'Paused', text: '', at: iso(NOW) },
    { label: 'Window ends in', text: '2.4 s' },
    { label: 'Memory used', text: '4.2 MB' },
    { label: 'Jobs ended', text: '4,377 a minute' },
    { label: 'Jobs before it', text: '4,377' },
    { label: 'Failed', text: 'mail:t_1', job: 'mail:t_1' },
    { label: 'Queue', text: 'mail', queue: 'mail' },
  ])
  expect(figuresOf({ is: 'running', evidence: [...evidence] })).toEqual([])
})
