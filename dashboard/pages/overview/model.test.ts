// The figures an operator reads first must be right at the edges: nothing measured, nothing there, everything stopped.
import { expect, test } from 'vitest'
import type { Queue } from '../../../shared/queues/contract.ts'
import { pauseText, queueState, sortQueues, vitalsOf } from './model.ts'

const queue = (name: string, counts: Partial<Queue['counts']> = {}, rest: Partial<Queue> = {}): Queue => ({
  name,
  paused: false,
  pause: null,
  held: null,
  counts: {
    waiting: 0,
    prioritized: 0,
    delayed: 0,
    active: 0,
    waiting_children: 0,
    completed: 0,
    failed: 0,
    ...counts,
  },
  rates: { in_per_min: 0, out_per_min: 0, failed_last_hour: 0 },
  oldest_waiting_ms: null,
  workers: 1,
  slots: 4,
  own: true,
  config: { global_concurrency: null, rate_limit: null, depth_limit: null, retention: null },
  config_version: 1,
  version: 1,
  ...rest,
})
const figure = (value: number | null, series: (number | null)[] = []) => ({ value, series })

test('a figure nobody measured is a dash and says so', () => {
  const vitals = vitalsOf({
    finished_per_min: figure(811.6, [700, null, 812]),
    first_try_ok: figure(0.9862),
    wait_p95_ms: figure(null),
    run_p95_ms: figure(3_800),
    waiting: figure(4_377),
    running: { ...figure(61), slots: 96 },
  })
  expect(vitals.map(({ value, beside }) => `${value} ${beside}`.trim())).toEqual([
    '812',
    '98.62 %',
    '– nothing measured',
    '3.8 s',
    '4,377 in all queues',
    '61 of 96 slots',
  ])
  expect(vitals[0]?.reading).toBe('Finished per minute in the last hour: between 700 and 812.')
  expect(vitals[2]?.reading).toBe('Wait, p95: nothing measured in the last hour.')
})

test.each([
  [queue('a', { active: 3 }, { paused: true }), 'paused'],
  [queue('a', { active: 1, waiting: 9 }), 'running'],
  [queue('a', { prioritized: 1 }), 'waiting'],
  [queue('a', { delayed: 5, completed: 9 }), 'idle'],
])('the state of a queue is one word', (given, state) => {
  expect(queueState(given)).toBe(state)
})

test('trouble comes first, then load, then the alphabet', () => {
  const list = [
    queue('b'),
    queue('a'),
    queue('busy', { waiting: 50 }),
    queue('paused', {}, { paused: true }),
    queue('failing', {}, { rates: { in_per_min: 0, out_per_min: 0, failed_last_hour: 2 } }),
  ]
  expect(sortQueues(list).map(({ name }) => name)).toEqual(['paused', 'failing', 'busy', 'a', 'b'])
})

test('a stopped queue says who stopped it, why, and when it goes on', () => {
  const at = '2026-11-22T10:00:00.000Z'
  expect(pauseText({ by: 'Ada', reason: null, at, until: null }, Date.parse(at))).toBe('by Ada')
  expect(pauseText({ by: 'Ada', reason: 'down', at, until: '2026-11-22T11:30:00.000Z' }, Date.parse(at))).toMatch(
    /^by Ada · down · goes on .*30/,
  )
})
