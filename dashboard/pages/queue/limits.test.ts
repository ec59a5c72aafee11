// A limit that is changed must not set back another one, and half a limit must not be taken for none.
import { expect, test } from 'vitest'
import { queueWith } from '../queues/testing.ts'
import { draftOf, fieldNames, readLimits, retentionWords } from './limits.ts'

const config = {
  global_concurrency: 8,
  rate_limit: { max: 100, duration_ms: 60_000 },
  depth_limit: 5_000,
  retention: { completed_count: 1_000, completed_age_ms: null },
}
const draft = draftOf(config)

test('the form shows what holds', () => {
  expect(draft).toEqual({ concurrency: '8', rate: '100', per: '1 min', depth: '5000', kept: '1000', age: '' })
})

test('only what was touched is sent', () => {
  expect(readLimits({ ...draft, concurrency: '' }, ['concurrency'])).toEqual({
    patch: { global_concurrency: null },
    errors: {},
  })
  expect(readLimits({ ...draft, rate: '', per: '' }, ['rate', 'per']).patch).toEqual({ rate_limit: null })
  expect(readLimits({ ...draft, depth: '' }, ['depth']).patch).toEqual({ depth_limit: null })
  expect(readLimits({ ...draft, age: '7 d' }, ['age']).patch).toEqual({
    retention: { completed_count: 1_000, completed_age_ms: 604_800_000 },
  })
  expect(readLimits({ ...draft, kept: '' }, ['kept']).patch).toEqual({ retention: null })
})

test('what is not right is told beside its field', () => {
  expect(readLimits({ ...draft, per: '' }, ['per']).errors).toEqual({ per: 'In what time may they start?' })
  expect(readLimits({ ...draft, rate: '' }, ['rate']).errors).toEqual({ rate: 'How many may start in that time?' })
  expect(readLimits({ ...draft, concurrency: '0', age: '1 s' }, []).errors).toEqual({
    concurrency: 'Must be from 1 to 1000000.',
    age: 'Must be from 1 min to 365 d.',
  })
})

test('it says what holds where nothing is set', () => {
  expect(retentionWords(queueWith({ config }))).toBe('Tidied once a minute.')
  expect(retentionWords(queueWith({ own: false }))).toMatch('left alone')
  expect(fieldNames(['rate', 'kept'])).toBe('jobs started, completed jobs kept')
})
