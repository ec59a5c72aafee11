// A list that looked at a part of what there is must not look like all of it.
import { expect, test } from 'vitest'
import { countLine } from './model.ts'

test('the count says what was looked at', () => {
  expect(countLine(50, 1_204, undefined)).toBe('50 of 1,204 dead letters, newest first.')
  expect(countLine(1, 1, undefined)).toBe('1 of 1 dead letter, newest first.')
  expect(countLine(3, undefined, { searched: 1_000, complete: false })).toBe(
    '3 dead letters, newest first. Looked through the newest 1,000.',
  )
  expect(countLine(3, undefined, { searched: 1_000, complete: false, titles: 50, indexed: false })).toBe(
    '3 dead letters, newest first. Looked through 1,000, and the titles of 50 causes.',
  )
  expect(countLine(3, undefined, { searched: 3, complete: true, titles: 50, indexed: true })).toBe(
    '3 dead letters, newest first. All were searched.',
  )
})
