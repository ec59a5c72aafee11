// When deaths undo what was decided, as a table.
import { describe, expect, test } from 'vitest'
import { stateOf, undoneBy, untouched } from './policy.ts'
import type { News, Triage } from './policy.ts'

const HOUR = 3_600_000
const decided = (more: Partial<Triage>): Triage => ({ ...untouched, total: 10, versions: ['1'], ...more })
const news = (more: Partial<News> = {}): News => ({ versions: ['1'], total: 11, lastHour: 1, now: 5 * HOUR, ...more })
const until = (rule: Partial<Triage['ignore']>): Partial<Triage> => ({
  state: 'ignored',
  ignore: { ...untouched.ignore, ...rule },
})

describe('a death', () => {
  test.each<[string, Partial<Triage>, Partial<News>, string | undefined]>([
    ['of a group nobody decided about', {}, {}, undefined],
    ['of an ongoing group', { state: 'ongoing' }, { versions: [null] }, undefined],
    ['of one that has regressed already', { state: 'regressed' }, { versions: ['2'] }, undefined],
    ['under a version it died under before it was resolved', { state: 'resolved' }, {}, undefined],
    ['under a newer version', { state: 'resolved' }, { versions: ['1', '2'] }, 'regressed'],
    ['under a version nobody told', { state: 'resolved' }, { versions: [null] }, 'regressed'],
    ['of a group ignored for good', until({}), { total: 1e6, lastHour: 1e6, versions: [null] }, undefined],
    ['before the moment', until({ until: 6 * HOUR }), {}, undefined],
    ['at the moment', until({ until: 5 * HOUR }), {}, 'ignored_until'],
    ['below the count', until({ count: 3 }), { total: 12 }, undefined],
    ['that makes the count full', until({ count: 3 }), { total: 13 }, 'ignored_count'],
    ['at the rate', until({ perHour: 4 }), { lastHour: 4 }, undefined],
    ['above the rate', until({ perHour: 4 }), { lastHour: 5 }, 'ignored_rate'],
  ])('%s', (_says, triage, told, reason) => {
    expect(undoneBy(decided(triage), news(told))?.reason).toBe(reason)
  })
})

test('a group is new for a day, and ignored until its moment only', () => {
  expect(stateOf(untouched, 0, 24 * HOUR - 1)).toBe('new')
  expect(stateOf(untouched, 0, 24 * HOUR)).toBe('ongoing')
  expect(stateOf(decided(until({ until: HOUR })), 0, HOUR - 1)).toBe('ignored')
  expect(stateOf(decided(until({ until: HOUR })), 0, HOUR)).toBe('ongoing')
  expect(stateOf(decided({ state: 'resolved' }), 0, HOUR)).toBe('resolved')
})
