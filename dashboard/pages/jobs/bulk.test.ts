// Nothing may be done to all jobs because a filter was empty or not understood, and a selection must mean exactly its rows.
import { describe, expect, test } from 'vitest'
import { ACTIONS, CAN_BE, JobFilter } from '../../../shared/batch/actions-contract.ts'
import { BatchOp } from '../../../shared/batch/words.ts'
import {
  ALL,
  bulkActions,
  canBe,
  filterRefusal,
  jobFilterOf,
  manyWords,
  operationsOf,
  previewWords,
  readSelected,
  selectedText,
  turned,
} from './bulk.ts'
import { readFilter } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11)

test('the API and the page agree on what can be done to what', () => {
  expect(canBe).toEqual(CAN_BE)
  expect([...bulkActions].sort()).toEqual([...ACTIONS].sort())
})

describe('a filter', () => {
  test.each([
    ['', 'Filter first: nothing narrows it down'],
    ['state:moon', 'The filter is not clear: state:moon'],
    ['state:failed age>soon', 'The filter is not clear: age>soon'],
    ['data.id:4', 'Payloads cannot narrow work on many; select the jobs'],
    ['state:active state:failed', 'It cannot be done to jobs that are active'],
    ['state:failed', undefined],
    ['boom', undefined],
  ])('"%s" is refused for: %s', (q, reason) => {
    expect(filterRefusal('retry', readFilter(q))).toBe(reason)
  })

  test('is sent as the API takes it', () => {
    const filter = jobFilterOf(readFilter('state:failed queue:a-* error:timeout age>1h boom'), NOW)
    expect(JobFilter.parse(filter)).toEqual({
      state: ['failed'],
      queue: ['a-*'],
      error_class: ['timeout'],
      q: 'boom',
      created_at: { lt: '2026-11-22T10:00:00.000Z' },
    })
  })
})

test('what is done to selected jobs is what the API takes', () => {
  for (const action of ['retry', 'promote', 'cancel', 'skip'] as const)
    for (const operation of operationsOf(action, ['mail:1'], 'Why'))
      expect(BatchOp.parse(operation)).toMatchObject({ op: action, task_id: 'mail:1' })
})

test('a selection says its ids in the link, and can be all that match', () => {
  const ids = new Set(['mail:a,b', 'mail:c d'])
  expect(readSelected(selectedText(ids))).toEqual(ids)
  expect(selectedText([])).toBeUndefined()
  expect(readSelected(ALL)).toBe(ALL)
  expect(readSelected('%E0')).toEqual(new Set(['%E0']))
})

test('rows are turned one by one, or all up to one', () => {
  const rows = ['a', 'b', 'c', 'd']
  expect([...turned(new Set(['a']), 'a')]).toEqual([])
  expect([...turned(new Set(['a']), 'c', { from: 'a', rows })]).toEqual(['a', 'b', 'c'])
  expect([...turned(new Set(['d']), 'b', { from: 'd', rows })]).toEqual(['d', 'b', 'c'])
})

test('a preview says how many, and that it may be more', () => {
  const preview = { matched: 412, complete: true, sample: [], refused: 0 }
  expect(previewWords(preview)).toBe('412 jobs.')
  expect(previewWords({ ...preview, complete: false })).toBe('At least 412 jobs; counting stopped after two seconds.')
  expect(previewWords({ ...preview, matched: 1, refused: 2 })).toBe('1 job. It cannot be done to 2 others.')
  expect(previewWords({ ...preview, matched: 0 })).toBe('It can be done to none of them.')
})

test('a button never tells fewer than it is about', () => {
  expect(manyWords({ matched: 10_000, complete: true })).toBe('10,000 jobs')
  expect(manyWords({ matched: 6_500, complete: false })).toBe('at least 6,500 jobs')
})
