// A list that looked at a part of what there is must not look like all of it, nor offer as new what it would not show.
import { describe, expect, test } from 'vitest'
import { countLine, fitOf } from './model.ts'

test('the count says what was looked at', () => {
  expect(countLine(50, 1_204, undefined)).toBe('50 of 1,204 dead letters, newest first.')
  expect(countLine(1, 1, undefined)).toBe('1 of 1 dead letter, newest first.')
  expect(countLine(3, undefined, { searched: 1_000, complete: false })).toBe(
    '3 dead letters, newest first. Looked through the newest 1,000.',
  )
  expect(countLine(3, undefined, { searched: 1_000, complete: false, titles: 50, indexed: false })).toBe(
    '3 dead letters, newest first. Looked through 1,000, and the titles of 50 causes.',
  )
  expect(countLine(3, undefined, { searched: 3, complete: true, titles: 50, indexed: true })).toBe(
    '3 dead letters, newest first. All were searched.',
  )
})

describe('what died just now', () => {
  const told = {
    queue: 'mail',
    task_id: 'mail:d1',
    name: 'mail.send',
    added_at: '2026-01-02T00:00:00.000Z',
    group: 'aaaaaaaaaaaaaaaa',
    error: { name: 'SmtpError', class: 'timeout', message: 'The mailbox is full' },
  }
  const restored = { queue: 'mail', task_id: 'mail:d1' }

  test.each([
    ['', 'yes'],
    ['queue:mail', 'yes'],
    ['queue:reports', 'no'],
    ['queue:reports queue:mail', 'yes'],
    ['queue:mai', 'no'],
    ['name:mail.send error:SmtpError error:timeout', 'yes'],
    ['name:report.build', 'no'],
    ['error:permanent', 'no'],
    ['error:TypeError', 'no'],
    ['group:aaaaaaaaaaaaaaaa', 'yes'],
    ['group:bbbbbbbbbbbbbbbb', 'no'],
    ['FULL', 'yes'],
    ['mail:d1', 'yes'],
    ['empty', 'no'],
    ['since:2026-01-01', 'yes'],
    ['since:2026-01-03', 'no'],
    ['until:2026-01-02', 'no'],
    ['version:1.0', 'maybe'],
    ['data.customer.id:7', 'maybe'],
    ['version:1.0 queue:reports', 'no'],
  ])('is new to a list filtered by "%s": %s', (q, fit) => {
    expect(fitOf(q, told)).toBe(fit)
  })

  test('says less when it was brought back, or is in no group yet', () => {
    expect(fitOf('', restored)).toBe('yes')
    expect(fitOf('queue:reports', restored)).toBe('no')
    expect(fitOf('error:timeout', restored)).toBe('maybe')
    expect(fitOf('group:aaaaaaaaaaaaaaaa', { ...told, group: null })).toBe('maybe')
  })
})
