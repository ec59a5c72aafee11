// An edit must change what was touched and nothing else, and tell each mistake at its field.
import { expect, test } from 'vitest'
import { scheduleOf } from '../schedules/testing.ts'
import { draftOf } from './fields.ts'
import { fieldNames, fieldOf, idFrom, patchOf, place } from './model.ts'

test('only members that were touched are sent', () => {
  const schedule = scheduleOf({ job_options: { lifo: true } })
  const draft = { ...draftOf(schedule), grace: '2 min', attempts: '5' }
  expect(patchOf(draft, schedule)).toEqual({
    definition: { grace_ms: 120_000, job_options: { lifo: true, attempts: 5 } },
    errors: {},
  })
  expect(patchOf(draftOf(schedule), schedule).definition).toEqual({})
})

test('a payload that may not be seen is left as it is', () => {
  const { data: _hidden, ...rest } = scheduleOf()
  expect(patchOf({ ...draftOf(rest), name: 'Other' }, rest).definition).toEqual({ name: 'Other' })
})

test('what was not touched is not what is wrong', () => {
  const schedule = scheduleOf()
  const broken = { ...draftOf(schedule), jitter: 'soon' }
  expect(patchOf(broken, schedule).errors).toEqual({ jitter: 'Write it as 90 s, 15 min or 1 h 30 min.' })
})

test.each([
  ['#/trigger/expression', 'expression'],
  ['/trigger/every_ms', 'every'],
  ['#/job_options/timeout_ms', 'timeout'],
  ['#/grace_ms', 'grace'],
  ['#/data/to', 'data'],
  ['#/nothing', undefined],
  [undefined, undefined],
])('%j is about %s', (pointer, field) => {
  expect(fieldOf(pointer)).toBe(field)
})

test('mistakes are told at their fields, the first of each; the rest is not lost', () => {
  expect(
    place([
      { pointer: '#/trigger/expression', detail: 'has 4 fields' },
      { pointer: '#/trigger/expression', detail: 'second' },
      { detail: 'too many schedules' },
    ]),
  ).toEqual({ fields: { expression: 'Has 4 fields.' }, rest: ['Too many schedules.'] })
})

test('a name suggests an id, and fields have names', () => {
  expect(idFrom('  Nächtliche Abrechnung (neu)! ')).toBe('nachtliche-abrechnung-neu')
  expect(idFrom('!!!')).toBe('')
  expect(fieldNames(['every', 'job_name'])).toBe('interval, job')
})
