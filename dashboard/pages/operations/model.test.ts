// What waits for somebody must be seen first, and each operation be told by what it does.
import { expect, test } from 'vitest'
import type { Operation } from '../../../shared/operations/words.ts'
import { doneWords, sortOperations, titleWords } from './model.ts'

const operation = (status: Operation['status'], minute: number, more: Partial<Operation> = {}): Operation => ({
  id: `op_${status}${minute}`,
  kind: 'dlq.resubmit',
  status,
  reason: null,
  phase: null,
  requested: null,
  asked_by: 'Ada',
  params: {},
  progress: { total: 412, done: 11, failed: 0, skipped: 0, rate_per_s: null, eta: null },
  pace_per_s: null,
  watched: null,
  undoes: null,
  undo_until: null,
  created_at: new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString(),
  started_at: null,
  finished_at: null,
  links: {},
  ...more,
})

test('what rests comes first, then what goes on, then what ended, newest first', () => {
  const list = [operation('succeeded', 1), operation('cancelled', 9), operation('queued', 3), operation('running', 2), operation('paused', 0)] // prettier-ignore
  expect(sortOperations(list).map(({ status }) => status)).toEqual(['paused', 'running', 'queued', 'cancelled', 'succeeded']) // prettier-ignore
})

test('an operation is told by what it does and how much of it', () => {
  expect(titleWords(operation('running', 0))).toBe('Resubmitting 412 dead letters')
  const unknown = { total: null, done: 0, failed: 1, skipped: 2, rate_per_s: null, eta: null }
  expect(titleWords(operation('running', 0, { kind: 'dlq.purge', progress: unknown }))).toBe('Discarding dead letters')
  expect(doneWords(operation('running', 0, { progress: unknown }))).toBe('0 done, 1 failed, 2 skipped')
})
