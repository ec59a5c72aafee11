// One event: what is known of it, and what it set off.
import { expect, test } from 'vitest'
import { factsOf, lossWords, startedLine } from './model.ts'

const event = {
  id: 'order-7',
  position: '1-0',
  event: 'order.placed',
  occurred_at: '2026-11-22T10:00:00.000Z',
  received_at: '2026-11-22T10:00:01.000Z',
  subject: null,
  source_id: null,
  hop: 0,
  data: {},
  matched: [],
}

test('what says nothing is left out', () => {
  expect(factsOf(event, 'the API').map(({ label }) => label)).toEqual(['Came from', 'Happened', 'Received', 'Id'])
  expect(factsOf({ ...event, hop: 2, subject: 'Order 7' }, 'the API')).toEqual(
    expect.arrayContaining([
      { label: 'About', value: 'Order 7' },
      { label: 'Went round', value: '2 times' },
    ]),
  )
})

test('a loss is told with what can be done about it', () => {
  const gap = (consumer: string) => lossWords({ event: 'system.consumer_gap', data: { consumer } })
  expect(gap('webhooks')).toContain('“Send what was never sent since…”')
  expect(gap('schedules')).toContain('No schedule was set off by them')
  expect(lossWords(event)).toBe('')
})

test('what it set off is said', () => {
  const matched = [{ schedule_id: 'bill', task_id: 'billing:t_1' }]
  expect(startedLine({ ...event, id: event.position, matched: null })).toBe('A fact of k1n.')
  expect(startedLine({ ...event, matched: null })).toBe('What it set off is not known.')
  expect(startedLine(event)).toBe('No schedule started a job for it.')
  expect(startedLine({ ...event, matched })).toBe('Schedules started 1 job for it.')
})
