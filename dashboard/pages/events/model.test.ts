// The list of events asks for what is typed once it can be a name, and says where each came from.
import { expect, test } from 'vitest'
import { countWords, fromOf, originWords, queryOf, startedWords } from './model.ts'

test('words that can be no name are left out until they are one', () => {
  expect(queryOf({ from: 'all', q: 'order.placed, github.* Nö' })).toEqual({ type: ['order.placed', 'github.*'] })
  expect(queryOf({ from: 'outside', q: 'order.' })).toEqual({ origin: 'outside' })
  expect(fromOf('somewhere')).toBe('outside')
})

test('an event says where it came from', () => {
  const names = new Map([['src_1', 'Shop']])
  expect(originWords({ id: '1-0', position: '1-0', source_id: null }, names)).toBe('k1n')
  expect(originWords({ id: 'order-7', position: '1-0', source_id: null }, names)).toBe('the API')
  expect(originWords({ id: 'evt_1', position: '1-0', source_id: 'src_1' }, names)).toBe('Shop')
  expect(originWords({ id: 'evt_1', position: '1-0', source_id: 'src_2' }, names)).toBe('a source that is gone')
})

test('what it set off is counted, and how far the list goes is said', () => {
  expect([null, [], [1], [1, 2]].map(startedWords)).toEqual(['', 'nothing', '1 job', '2 jobs'])
  expect(countWords(50, 2_000, false)).toBe('50 events, newest first; looked through 2,000.')
  expect(countWords(1, 1, true)).toBe('1 event, newest first.')
})
