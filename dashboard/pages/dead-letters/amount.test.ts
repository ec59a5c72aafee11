// A number that somebody confirms must not be less than what is done then without saying so.
import { expect, test } from 'vitest'
import { foundWords, isNone, lettersOf, numberOf } from './amount.ts'

test.for([
  [{ matched: 1, complete: true }, '1 dead letter', '1'],
  [{ matched: 1_200, complete: true }, '1,200 dead letters', '1,200'],
  [{ matched: 1_200, complete: false }, 'at least 1,200 dead letters', 'at least 1,200'],
] as const)('%j is %j', ([counted, letters, number]) => {
  expect([lettersOf(counted), numberOf(counted)]).toEqual([letters, number])
  expect(foundWords(counted).toLowerCase()).toBe(letters)
  expect(isNone(counted)).toBe(false)
})

test('nothing found in the time there was is not nothing', () => {
  const untold = { matched: 0, complete: false }
  expect(isNone(untold)).toBe(false)
  expect(foundWords(untold)).toBe('None found so far, but not all were looked at')
  expect([lettersOf(untold), numberOf(untold)]).toEqual(['all that match', 'all'])
  expect(isNone({ matched: 0, complete: true })).toBe(true)
  expect(foundWords({ matched: 0, complete: true })).toBe('0 dead letters')
})
