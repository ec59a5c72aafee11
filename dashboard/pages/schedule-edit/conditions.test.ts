// A condition must be what was typed, and come back as one would type it.
import { expect, test } from 'vitest'
import { filterText, readFilter } from './conditions.ts'

test.each([
  ['amount > 100', { path: 'amount', op: 'gt', value: 100 }],
  ['at<2026-01-01', { path: 'at', op: 'lt', value: '2026-01-01' }],
  ['customer.id = "42"', { path: 'customer.id', op: 'eq', value: '42' }],
  ['customer.id != 42', { path: 'customer.id', op: 'ne', value: 42 }],
  ['paid = true', { path: 'paid', op: 'eq', value: true }],
  ['country in DE, AT, "A, B"', { path: 'country', op: 'in', value: ['DE', 'AT', 'A, B'] }],
  ['name starts with in Berlin', { path: 'name', op: 'prefix', value: 'in Berlin' }],
])('%s', (text, condition) => {
  const read = readFilter(text)
  expect(read).toEqual({ filter: [condition] })
  expect('filter' in read && readFilter(filterText(read.filter))).toEqual(read)
})

test('lines are conditions of one filter, and a line that is none is told', () => {
  expect(readFilter('a = 1\n\nb = x\n')).toEqual({
    filter: [
      { path: 'a', op: 'eq', value: 1 },
      { path: 'b', op: 'eq', value: 'x' },
    ],
  })
  expect(readFilter('a = 1\nwhatever')).toMatchObject({
    error: expect.stringMatching(/^Line 2 is no condition/) as string,
  })
  expect(readFilter('')).toEqual({ filter: [] })
})
