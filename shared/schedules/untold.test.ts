// Which slots are told as passed over when a schedule comes to rest: its own, due before, and nobody's yet.
import { expect, test } from 'vitest'
import { definition, record } from '../../test/support/schedules.ts'
import { untoldSlots } from './untold.ts'

const DAY = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const at = (minutes: number): number => DAY + minutes * MINUTE
const of = (over: object) => record('digest', { since: at(0), ...over })
const pause = (from: number, until: number | null = null) => ({ reason: null, by: 'Ada', at: at(from), until: until && at(until) }) // prettier-ignore
const slots = (from: number, until: number) => ({ from: at(from), until: at(until), count: until - from + 1, reason: 'paused' }) // prettier-ignore

test('those up to the pause that nobody decided about, and none of the pause', () => {
  expect(untoldSlots(of({ pause: pause(5) }), at(3), 1)).toEqual([slots(4, 5)])
  expect(untoldSlots(of({ pause: pause(5) }), at(5), 1)).toEqual([])
  expect(untoldSlots(of({ pause: pause(2, 9) }), undefined, 1)).toEqual([slots(0, 2)])
  expect(untoldSlots(of({}), at(3), 1)).toEqual([])
})

test('those before the rest that `since` ended, beside those before the next one', () => {
  const twice = of({ earlier: { since: at(0), until: at(3) }, since: at(6), pause: pause(7) })
  expect(untoldSlots(twice, at(1), 1)).toEqual([slots(2, 3), slots(6, 7)])
  expect(untoldSlots(twice, at(6), 1)).toEqual([slots(7, 7)])
})

test('those up to when code declared it no more, and none of a pause before or after that', () => {
  const orphanedAt = at(8)
  expect(untoldSlots(of({ orphanedAt }), at(6), 1)).toEqual([slots(7, 8)])
  expect(untoldSlots(of({ orphanedAt, pause: pause(2, 5) }), at(0), 1)).toEqual([slots(1, 2), slots(5, 8)])
  expect(untoldSlots(of({ orphanedAt, pause: pause(2) }), at(0), 1)).toEqual([slots(1, 2)])
  expect(untoldSlots(of({ orphanedAt, pause: pause(20) }), at(6), 1)).toEqual([slots(7, 8)])
})

test('of one that has had all its runs they say so', () => {
  expect(untoldSlots(of({ pause: pause(5) }), at(4), 0)).toEqual([{ ...slots(5, 5), reason: 'max_runs' }])
})

test('of many only the newest are looked at, and all are counted', () => {
  const each = { definition: definition({ trigger: { type: 'interval', every_ms: 1_000 } }) }
  const [skip] = untoldSlots(of({ ...each, pause: pause(24 * 60) }), at(0), 1)
  expect(skip).toEqual({ from: at(0) + 1_000, until: at(24 * 60), count: 86_400, reason: 'paused' })
})
