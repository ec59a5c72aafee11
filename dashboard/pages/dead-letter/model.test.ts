// A dead letter shows what it has and nothing it has not.
import { expect, test } from 'vitest'
import type { DlqEntry } from '../../../shared/dlq/contract.ts'
import { factsOf } from './model.ts'

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
