// The list of events asks for what is typed once it can be a name, and says where each came from.
import { expect, test } from 'vitest'
import { countWords, fits, fromOf, isUnsettled, originWords, queryOf, startedWords } from './model.ts'

test('words that can be no name are left out until they are one', () => {
  expect(queryOf({ from: 'all', q: 'order.placed, github.* Nö' })).toEqual({ type: ['order.placed', 'github.*'] })
  expect(queryOf({ from: 'outside', q: 'order.' })).toEqual({ origin: 'outside' })
  expect(fromOf('somewhere')).toBe('outside')
})

test('what comes is one of those asked for, or is left out', () => {
  const fitting = (q: string) => ['order.placed', 'github.push'].filter((name) => fits({ from: 'outside', q }, name))
  expect(fitting('')).toEqual(['order.placed', 'github.push'])
  expect(fitting('github.*')).toEqual(['github.push'])
})

test('an event says where it came from', () => {
  const names = new Map([['src_1', 'Shop']])
  expect(originWords({ id: '1-0', position: '1-0', source_id: null }, names)).toBe('k1n')
  expect(originWords({ id: 'order-7', position: '1-0', source_id: null }, names)).toBe('the API')
  expect(originWords({ id: 'evt_1', position: '1-0', source_id: 'src_1' }, names)).toBe('Shop')
  expect(originWords({ id: 'evt_1', position: '1-0', source_id: 'src_2' }, names)).toBe('a source that is gone')
})

test('what it set off is counted, and how far the list goes is said', () => {
  const job = { schedule_id: 'bill', task_id: 'billing:t_1' }
  const sent = [null, [], [job], [job, job]].map((matched) => ({ id: 'order-7', position: '1-0', matched }))
  expect(sent.map(startedWords)).toEqual(['not known', 'nothing', '1 job', '2 jobs'])
  expect(sent.map(isUnsettled)).toEqual([true, false, false, false])
  const fact = { id: '1-0', position: '1-0', matched: null }
  expect([startedWords(fact), isUnsettled(fact)]).toEqual(['–', false])
  expect(countWords(50, 2_000, false)).toBe('50 events, newest first; looked through 2,000.')
  expect(countWords(1, 1, true)).toBe('1 event, newest first.')
})
