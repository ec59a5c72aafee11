// A dead letter shows what it has and nothing it has not.
import { expect, test } from 'vitest'
import type { DlqEntry } from '../../../shared/dlq/contract.ts'
import { factsOf, reasonWords, resubmitWords, tagsIn } from './model.ts'

const entry: DlqEntry = {
  id: 'mail:1~x',
  task_id: 'mail:1',
  queue: 'mail',
  name: 'send',
  reason: 'exhausted',
  error: { name: 'E', message: 'm', class: 'transient' },
  attempts_made: 1,
  added_at: '2026-11-22T10:00:00.000Z',
  created_at: '2026-11-22T09:00:00.000Z',
  status: 'open',
  tags: [],
  group: null,
  version: null,
  note: null,
}

test('tags are shown only when there are some', () => {
  expect(factsOf(entry).map(({ label }) => label)).toEqual(['Job', 'Queue', 'Attempts', 'Added', 'Died'])
  expect(factsOf({ ...entry, tags: ['a', 'b'] }).at(-1)).toEqual({ label: 'Tags', value: 'a, b' })
  expect(factsOf(entry)[2]?.value).toBe('1 attempt')
})

test('the cause, the version and a note are told where they are known', () => {
  const facts = factsOf({ ...entry, group: 'abcdefghijklmnop', version: '4f2a', note: 'see #12' })
  expect(facts.slice(5).map(({ label, value }) => `${label} ${value}`)).toEqual([
    'Cause abcdefghijklmnop',
    'Version 4f2a',
    'Note see #12',
  ])
})

test('tags are read as they are typed, each once', () => {
  expect(tagsIn(' vip, refund ,,vip')).toEqual(['vip', 'refund'])
  expect(tagsIn('')).toEqual([])
})

test('resubmitting says whether it revives the same job or makes another', () => {
  expect(resubmitWords({ queue: 'mail', attempts_made: 5 }, '')).toContain('The same job runs again in mail')
  expect(resubmitWords({ queue: 'mail', attempts_made: 5 }, 'mail.slow')).toContain('A new job is made in mail.slow')
  expect(reasonWords('poison')).toBe('it killed its worker')
})
