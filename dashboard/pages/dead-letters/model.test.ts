// Groups must be told as they are, and stay where they are while somebody reads them.
import { expect, test } from 'vitest'
import type { DlqGroup } from '../../../shared/triage/contract.ts'
import {
  arrange,
  chipWord,
  groupSentence,
  ignoreWords,
  readSelection,
  sinceWords,
  summaryWords,
  toggled,
  trendWords,
  versionWords,
  whereWords,
} from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11, 0)
const group = (id: string, more: Partial<DlqGroup> = {}): DlqGroup => ({
  id,
  title: '<number> greylisted',
  state: 'new',
  state_since: null,
  ignore_until: null,
  assignee: null,
  note: null,
  first_seen: '2026-11-22T10:22:08.000Z',
  last_seen: '2026-11-22T10:59:00.000Z',
  open: 1_188,
  total: 1_204,
  last_hour: 188,
  growing: true,
  trend: [...Array<number>(23).fill(0), 188],
  queues: [{ queue: 'mail', open: 1_188 }],
  names: ['mail.send'],
  error_names: ['SMTPError'],
  versions: ['3c9', '4f2a'],
  fingerprints: [id],
  sample: { dlq_id: 'mail:1~x', task_id: 'mail:1' },
  version: 1,
  ...more,
})

test('the chip says the state, that it grows, and until when it is ignored', () => {
  expect(chipWord(group('a'), NOW, 'UTC')).toBe('New, growing')
  expect(chipWord(group('a', { open: 0 }), NOW, 'UTC')).toBe('New')
  expect(chipWord(group('a', { state: 'resolved' }), NOW, 'UTC')).toBe('Resolved')
  const until = { at: '2026-11-22T12:00:00.000Z', per_hour: 10, count: 5 }
  expect(chipWord(group('a', { state: 'ignored', ignore_until: until }), NOW, 'UTC')).toBe(
    'Ignored until 12:00:00 or more than 10 die in an hour or 5 more have died',
  )
  expect(ignoreWords({ ignore_until: null }, NOW)).toBe('until somebody ends it')
})

test('a group in sentences', () => {
  expect(groupSentence(group('a'), NOW, 'UTC')).toBe(
    '1,188 dead letters lie in 1 queue; 1,204 deaths in all, the first at 10:22:08. 188 died in the last hour, more than usual.',
  )
  const quiet = group('a', { open: 0, last_hour: 0, growing: false, state: 'ignored', assignee: 'Ada' })
  expect(groupSentence(quiet, NOW, 'UTC')).toBe(
    'None lies there now; 1,204 deaths in all, the first at 10:22:08. None died in the last hour. Ignored until somebody ends it. Ada looks after it.',
  )
  expect(sinceWords({ state_since: '2026-11-22T10:40:00.000Z' }, 'UTC')).toBe('since 10:40:00')
})

test('the lines above and beside the list', () => {
  expect(summaryWords([{ open: 1_188 }, { open: 14 }], 'open', false)).toBe(
    '1,202 dead letters in 2 open groups, new or growing first.',
  )
  expect(summaryWords([{ open: 1 }], 'all', true)).toBe('1 dead letter in the first 1 groups, new or growing first.')
  expect(whereWords(group('a'))).toBe('mail.send in mail')
  expect(whereWords(group('a', { names: ['a', 'b', 'c'], queues: [{ queue: 'x', open: 1 }, { queue: 'y', open: 1 }] }))).toBe('a and 2 other jobs in x and 1 more queue') // prettier-ignore
  expect(versionWords(['1', '2', '3', '4'], 2)).toBe('4, 3, 2 more')
  expect(versionWords([])).toBe('not told')
  expect(trendWords(group('a'))).toBe('188 deaths in the last 24 hours, 188 of them in the last hour')
})

test('a selection lives in the link', () => {
  expect(toggled(readSelection('a,b'), 'c')).toBe('a,b,c')
  expect(toggled(readSelection('a,b'), 'a')).toBe('b')
  expect([...readSelection(undefined)]).toEqual([])
})

test('while the list is held no row moves, comes or goes, and what they say is of now', () => {
  const shown = [group('a'), group('b')]
  const newer = [group('c'), group('b', { open: 9 })]
  expect(arrange(shown, newer, false)).toEqual({ rows: newer, fresh: 0 })
  const held = arrange(shown, newer, true)
  expect(held.rows.map(({ id, open }) => [id, open])).toEqual([
    ['a', 1_188],
    ['b', 9],
  ])
  expect(held.fresh).toBe(1)
})
