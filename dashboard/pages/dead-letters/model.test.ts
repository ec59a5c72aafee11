// Dead letters must be told honestly and resubmitted knowingly.
import { expect, test } from 'vitest'
import { countLine, queryOf, reasonWords, resubmitWords } from './model.ts'

test('the filter splits into queues, classes and text', () => {
  expect(queryOf('queue:mail error:timeout 450 greylisted', 50, 'c')).toEqual({
    limit: 50,
    queue: ['mail'],
    error_class: ['timeout'],
    q: '450 greylisted',
    cursor: 'c',
  })
  expect(queryOf('queue:', 50)).toEqual({ limit: 50 })
})

test('the count says what was looked at', () => {
  expect(countLine(50, 1_204, undefined)).toBe('50 of 1,204 dead letters, newest first.')
  expect(countLine(1, 1, undefined)).toBe('1 of 1 dead letter, newest first.')
  expect(countLine(3, undefined, { searched: 1_000, complete: false })).toBe(
    '3 dead letters, newest first. Looked through the newest 1,000.',
  )
})

test('resubmitting says whether it revives the same job or makes another', () => {
  expect(resubmitWords({ queue: 'mail', attempts_made: 5 }, '')).toContain('The same job runs again in mail')
  expect(resubmitWords({ queue: 'mail', attempts_made: 5 }, 'mail.slow')).toContain('A new job is made in mail.slow')
  expect(reasonWords('poison')).toBe('it killed its worker')
})
