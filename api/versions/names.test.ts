// Bodies under old names.
import { expect, test } from 'vitest'
import { inTodaysNames, moment, toOldPointer, toToday } from './names.ts'
import type { Names } from './names.ts'

const names: Names = { taskId: 'id', options: { to: 'options', inner: { delay: 'delay_ms', runAt: moment('run_at') } } }

test('named members are renamed, all others and what is in them stay as they are', () => {
  const body = {
    taskId: 'a',
    data: { taskId: 'b', delay: 1 },
    options: { delay: 5, runAt: 0, other: 1 },
    constructor: 2,
  }
  expect(toToday(names, body)).toEqual({
    id: 'a',
    data: { taskId: 'b', delay: 1 },
    options: { delay_ms: 5, run_at: '1970-01-01T00:00:00.000Z', other: 1 },
    constructor: 2,
  })
})

test('what has another form than it should is left for the row to refuse', () => {
  for (const odd of [null, 1, 'text', [1, { taskId: 'a' }]]) expect(toToday(names, odd)).toEqual(odd)
  expect(toToday(names, { options: 'none' })).toEqual({ options: 'none' })
  for (const runAt of ['soon', NaN, 9e15, null])
    expect(toToday(names, { options: { runAt } })).toEqual({ options: { run_at: runAt } })
})

test("a member under today's name is told apart from one that only is called so in a payload", () => {
  expect(inTodaysNames(names, { id: 'a', data: { id: 1, delay_ms: 2 }, options: { delay_ms: 1, delay: 2 } })).toEqual([
    { pointer: '#/id', name: 'id' },
    { pointer: '#/options/delay_ms', name: 'delay_ms' },
  ])
  for (const odd of [null, 'text', [{ id: 'a' }], { taskId: 'a', options: 'none' }])
    expect(inTodaysNames(names, odd)).toEqual([])
})

test('mistakes are pointed at by the old names', () => {
  expect(toOldPointer(names, '#/id')).toBe('#/taskId')
  expect(toOldPointer(names, '#/options/delay_ms')).toBe('#/options/delay')
  expect(toOldPointer(names, '#/data/id')).toBe('#/data/id')
  expect(toOldPointer(names, '#/options')).toBe('#/options')
  expect(toOldPointer(names, '#')).toBe('#')
})
