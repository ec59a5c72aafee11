// What is marked is acted on exactly, or the page says why it cannot be.
import { expect, test } from 'vitest'
import { Layout } from '../../gantt/layout.ts'
import { storeOf, T0 } from '../../gantt/testing.ts'
import { comparedWords, listSearch, retryFilter, rowsOf } from './set.ts'
import { summaryOf } from './summary.ts'

const area = { from: T0, to: T0 + 60_000, lanes: ['mail', 'sms'], isAll: false }
const settings = { group: 'queue', q: '', lanes: undefined } as const

test('a set of lanes is told by their names and by when jobs ended', () => {
  const finished_at = { gte: '2026-11-22T10:00:00.000Z', lt: '2026-11-22T10:01:00.000Z' }
  expect(retryFilter(area, settings)).toEqual({ filter: { queue: ['mail', 'sms'], state: ['failed'], finished_at } })
  expect(retryFilter({ ...area, isAll: true }, { ...settings, group: 'worker' })).toEqual({ filter: { state: ['failed'], finished_at } }) // prettier-ignore
  expect(retryFilter(area, { ...settings, group: 'service' })).toMatchObject({ filter: { service: ['mail', 'sms'] } })
})

test('what a filter cannot say is refused with what to do', () => {
  expect(retryFilter(area, { ...settings, q: 'x' })).toEqual({ reason: 'Drop the filter first: an action cannot be told by it' }) // prettier-ignore
  expect(retryFilter(area, { ...settings, group: 'worker' })).toHaveProperty('reason')
  expect(retryFilter({ ...area, lanes: Array.from({ length: 51 }, String) }, settings)).toHaveProperty('reason')
  expect(retryFilter({ ...area, lanes: [] }, settings)).toHaveProperty('reason')
})

test('its list is the same set in the table', () => {
  expect(listSearch(area)).toMatchObject({ view: 'table', lanes: 'mail,sms', from: '2026-11-22T10:00:00.000Z' })
  expect(listSearch({ ...area, isAll: true })).toHaveProperty('lanes', undefined)
})

test('beside the time before it says how many and which share died', () => {
  const tally = { runs: 10, dead: 5, troubled: 0, p50: 1_000, p95: 2_000, waitP95: null }
  const past = { ...tally, runs: 20, dead: 1 }
  expect(comparedWords(tally, past)).toBe('10 fewer runs than in the same time before, and a larger share died: 50 % against 5 %.') // prettier-ignore
  expect(comparedWords(tally, { ...tally, runs: 0 })).toBe('Nothing ran in the same time before.')
  expect(rowsOf(tally, past).map(({ what, now }) => [what, now])).toContainEqual(['Waited, 95 of 100', 'not known'])
})

test('a window is summed up in sentences that can be listened to', () => {
  const layout = new Layout(storeOf({ run: 1_000 }, { run: 2_000, state: 'failed', queue: 'sms' }, { start: T0 + 1, run: -1, state: 'running' })) // prettier-ignore
  layout.refresh(10, T0 + 5_000)
  const window = { from: T0 - 60_000, to: T0 + 60_000 }
  expect(summaryOf(layout, window, T0 + 5_000, 'UTC')).toBe(
    '09:59 to 10:00: 3 runs in 2 lanes, 1 still running. 1 died, all in sms. Half took at most 2.0 s, 95 of 100 at most 2.0 s.',
  )
  expect(summaryOf(layout, { from: T0 + 600_000, to: T0 + 700_000 }, T0 + 5_000, 'UTC')).toContain('nothing ran')
})
