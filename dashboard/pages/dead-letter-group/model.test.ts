// A group's page must count each death once, in the bar of its time, and offer only splits that part something.
import { expect, test } from 'vitest'
import type { DlqGroup } from '../../../shared/triage/contract.ts'
import { barsOf, barsWords, factsOf, optionOf, partsOf, splitOf } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11, 0, 30)
const at = (minutesAgo: number): string =>
  new Date(Math.floor(NOW / 60_000) * 60_000 - minutesAgo * 60_000).toISOString()

const group: DlqGroup = {
  id: 'abcdefghijklmnop',
  title: 'greylisted',
  state: 'ongoing',
  state_since: null,
  ignore_until: null,
  assignee: null,
  note: 'asked the provider',
  first_seen: at(90),
  last_seen: at(0),
  open: 3,
  total: 3,
  last_hour: 1,
  growing: false,
  trend: Array<number>(24).fill(0),
  queues: [
    { queue: 'mail', open: 2 },
    { queue: 'bulk', open: 1 },
  ],
  names: ['mail.send'],
  error_names: ['SMTPError'],
  versions: [],
  fingerprints: ['abcdefghijklmnop', 'qrstuvwxyz234567'],
  sample: { dlq_id: 'mail:1~x', task_id: 'mail:1' },
  version: 1,
}

test('each death is in the bar of its time, and none beyond the span', () => {
  const minutes = [
    { at: at(1_439), count: 2 },
    { at: at(59), count: 3 },
    { at: at(0), count: 4 },
  ]
  const hour = barsOf(minutes, 'hour', NOW)
  expect(hour).toHaveLength(60)
  expect([hour[0]?.count, hour.at(-1)?.count]).toEqual([3, 4])
  const day = barsOf(minutes, 'day', NOW)
  expect(day.reduce((sum, bar) => sum + bar.count, 0)).toBe(9)
  expect(day.at(-1)).toEqual({ at: Date.UTC(2026, 10, 22, 11, 0), count: 4 })
})

test('the bars are told in words', () => {
  expect(barsWords(barsOf([{ at: at(5), count: 12 }], 'hour', NOW), 'hour')).toBe(
    '12 died in the last hour, at most 12 in a minute.',
  )
  expect(barsWords(barsOf([], 'day', NOW), 'day')).toBe('None died in the last 24 hours.')
})

test('the facts name queues with what lies in each, and say when no version was told', () => {
  const facts = Object.fromEntries(factsOf(group).map(({ label, value }) => [label, value]))
  expect(facts).toMatchObject({ Queues: 'mail (2), bulk (1)', Versions: 'not told', Note: 'asked the provider' })
})

test('only what has several parts can be split, and what was merged in', () => {
  expect(partsOf(group).map(({ value }) => value)).toEqual(['fingerprint=qrstuvwxyz234567', 'queue=mail', 'queue=bulk'])
  expect(partsOf({ ...group, fingerprints: [group.id], queues: [] })).toEqual([])
  expect(splitOf('queue=a=b')).toEqual({ queue: ['a=b'] })
  expect(optionOf(group)).toEqual({ value: group.id, label: 'SMTPError: greylisted (3 dead letters)' })
})
