// What is typed must be asked as it is meant, and what cannot be asked of groups must be told, never dropped in silence.
import { expect, test } from 'vitest'
import { beyondGroups, entryQuery, groupQuery, readFilter, showOf } from './filter.ts'

test('the filter splits into queues, errors, versions, payload paths, times and text', () => {
  expect(
    entryQuery(
      'queue:mail error:timeout error:SMTPError data.customer.id:42 since:2026-11-22T10:00Z 450 greylisted',
      50,
      'c',
    ),
  ).toEqual({
    limit: 50,
    queue: ['mail'],
    error_class: ['timeout'],
    error_name: ['SMTPError'],
    data: ['customer.id=42'],
    from: '2026-11-22T10:00:00.000Z',
    q: '450 greylisted',
    cursor: 'c',
  })
  expect(entryQuery('queue: since:yesterday', 50)).toEqual({ limit: 50 })
})

test('what looks like a word of ours and is none stays text', () => {
  expect(readFilter('https://x.example/a at:12 data:1').text).toBe('https://x.example/a at:12 data:1')
})

test('groups are asked for their state, queue, name, assignee and title', () => {
  expect(groupQuery('queue:mail name:send assignee:ada smtp', 'open', 50)).toEqual({
    limit: 50,
    state: ['new', 'ongoing', 'regressed'],
    open: 'true',
    queue: ['mail'],
    name: ['send'],
    assignee: 'ada',
    q: 'smtp',
  })
  expect(groupQuery('error:SMTPError', 'all', 50, 'c')).toEqual({ limit: 50, q: 'SMTPError', cursor: 'c' })
  expect(groupQuery('', 'ignored', 50).state).toEqual(['ignored'])
})

test('what groups cannot be asked for is named', () => {
  expect(beyondGroups('queue:mail error:timeout version:4f2a data.to:ada smtp')).toEqual([
    'error:timeout',
    'version:4f2a',
    'data.to:ada',
  ])
  expect(beyondGroups('error:SMTPError')).toEqual([])
  expect(beyondGroups('error:SMTPError greylisted')).toEqual(['error:SMTPError'])
})

test('a state nobody knows shows what is open', () => {
  expect([showOf('resolved'), showOf('nonsense'), showOf(undefined)]).toEqual(['resolved', 'open', 'open'])
})
