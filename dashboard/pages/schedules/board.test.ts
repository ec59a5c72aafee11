// The board must tell what will meet, what is late, and how much there is to do when.
import { expect, test } from 'vitest'
import {
  boardState,
  boardWords,
  departuresOf,
  loadWords,
  meetingsIn,
  meetingWords,
  moreWords,
  spreadWords,
  type Departure,
} from './board.ts'
import type { ScheduleRun } from '../../../shared/schedules/runs-contract.ts'
import { NOW, iso, runOf, skippedRun } from './testing.ts'

const departure = (id: string, at: number, over: Partial<Departure> = {}): Departure => {
  const times = { at: iso(at), planned_at: iso(at), latest_at: null, local: iso(at), note: null, more: null }
  return { schedule_id: id, name: id, queue: 'mail', ...times, about: undefined, ...over }
}
const about = (...recent: ScheduleRun[]) => ({ id: 'a', job_name: 'demo.mail', description: 'every hour', recent })

test('what should have started and did not is late, and says by how much', () => {
  expect(boardState(departure('a', NOW - 4_000), NOW)).toBe('on_time')
  expect(boardState(departure('a', NOW - 12_400), NOW)).toBe('late')
  expect(boardWords(departure('a', NOW - 12_400), NOW)).toBe('by 12 s')
  expect(
    boardWords(departure('a', NOW + 1_000, { about: about(runOf(1), runOf(0, { status: 'running' })) }), NOW),
  ).toBe('its last job has not ended')
})

test('a job that goes on for so long that only times passed over are seen is in the way all the same', () => {
  const passed = Array.from({ length: 10 }, (_, n) => skippedRun(10 - n, 'overlap'))
  expect(boardState(departure('a', NOW + 1_000, { about: about(...passed) }), NOW)).toBe('overlap')
  expect(boardState(departure('a', NOW + 1_000, { about: about(...passed, runOf(0)) }), NOW)).toBe('on_time')
})

test('schedules of one minute meet; two that meet are nothing to tell', () => {
  const noon = NOW + 7_200_000
  const runs = ['a', 'b', 'c', 'd'].map((id, n) => departure(id, noon + n * 1_000, n < 3 ? {} : { queue: 'billing' }))
  const [meeting, ...others] = meetingsIn([...runs, departure('e', NOW), departure('f', NOW)])
  expect(others).toEqual([])
  expect(meeting && meetingWords(meeting, 'UTC')).toBe(
    '12:00: 4 schedules at once, 3 of them on mail: a, b, c and 1 more.',
  )
})

test('schedules that meet are counted, and not their times', () => {
  const noon = NOW + 7_200_000
  const often = [0, 1_000, 2_000].flatMap((after) => ['a', 'b', 'c'].map((id) => departure(id, noon + after)))
  const [meeting] = meetingsIn([...often, departure('d', noon, { queue: 'billing' })])
  expect(meeting && meetingWords(meeting, 'UTC')).toMatch(/^12:00: 4 schedules at once, 3 of them on mail:/)
})

test('what could not be spread is named', () => {
  expect(spreadWords(3, [])).toBe('Spread 3 schedules.')
  expect(spreadWords(3, ['a', 'b'])).toBe('Spread 1 schedule. Left as they are, for they fire too often: a, b.')
})

test('the board goes by when jobs start, which spread moves past the time that is due', () => {
  const spread = { ...departure('a', NOW), planned_at: iso(NOW + 7_000) }
  const told = { from: iso(NOW), to: iso(NOW), complete: true, load: [], schedules: [] }
  const rows = departuresOf({ ...told, data: [spread, departure('b', NOW)] })
  expect(rows.map(({ schedule_id }) => schedule_id)).toEqual(['b', 'a'])
})

test('what there is to know of a schedule is found for each of its times', () => {
  const { about: _none, ...slot } = departure('a', NOW)
  const told = { from: iso(NOW), to: iso(NOW), complete: true, load: [], data: [slot], schedules: [about()] }
  expect(departuresOf(told)).toEqual([{ ...slot, about: about() }])
  expect(moreWords({ ...slot, more: 93 })).toBe('and 93 further times')
  expect(moreWords({ ...slot, more: 1_000 })).toBe('and at least 1,000 further times')
  expect(moreWords({ ...slot, more: 0 })).toBe('')
})

test('a day is summed up with its fullest quarter', () => {
  const load = [3, 12, 0].map((jobs, n) => ({ at: iso(NOW + n * 900_000), jobs }))
  const most = '15 jobs in the next 24 hours; the most in a quarter of an hour from 10:15: 12.'
  expect(loadWords(load, true, 'UTC')).toBe(most)
  expect(loadWords(load, false, 'UTC')).toBe(`At least ${most}`)
  expect(loadWords([], true)).toBe('Nothing starts in the next 24 hours.')
})
