// The first line of a queue must be the reason why its jobs wait.
import { expect, test } from 'vitest'
import { queueWith } from '../queues/testing.ts'
import { factsOf, stateCounts, stateLine } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const { counts } = queueWith()
const line = (given: Parameters<typeof queueWith>[0]): string => stateLine(queueWith(given), NOW)

test('the line says why jobs wait', () => {
  const pause = { reason: 'Deploy', by: 'Ada', at: new Date(NOW).toISOString(), until: null }
  expect(line({ paused: true, pause })).toBe('Paused by Ada until somebody resumes it: Deploy')
  expect(line({ paused: true })).toBe('It is paused, by other means than k1n.')
  expect(line({ counts: { ...counts, waiting: 1, prioritized: 2 }, oldest_waiting_ms: 4_000, workers: 0 })).toBe(
    '3 jobs wait, the oldest for 4.0 s. No worker is connected to it.',
  )
  expect(line({})).toBe('Nothing waits and nothing runs.')
  expect(line({ counts: { ...counts, active: 1 } })).toBe('Nothing waits.')
})

test('its figures are told with what they are of', () => {
  expect(factsOf(queueWith({ counts: { ...counts, active: 3 } }))[0]).toEqual({
    label: 'Running',
    value: '3 of 4 slots',
  })
  expect(factsOf(queueWith({ own: false, slots: 0 })).at(-1)?.value).toBe('another service')
  expect(stateCounts(queueWith()).map(({ state }) => state)).toContain('waiting_children')
})
