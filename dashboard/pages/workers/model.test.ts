// A worker that nobody hears of must stand first, and nothing be offered that cannot be done with it.
import { expect, test } from 'vitest'
import type { Worker } from '../../../shared/workers/contract.ts'
import { fits, refusal, sortWorkers, standingOf, summaryWords, uptimeWords } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const worker = (given: Partial<Worker>): Worker =>
  ({
    id: 'w_a-1-x',
    state: 'running',
    host: 'a',
    version: '4f2a',
    queues: ['mail'],
    running: 0,
    concurrency: 4,
    started_at: new Date(NOW - 7_200_000).toISOString(),
    ...given,
  }) as Worker

test('it is said how each stands', () => {
  expect(standingOf(worker({})).word).toBe('Idle')
  expect(standingOf(worker({ running: 1 })).word).toBe('Working')
  expect(standingOf(worker({ state: 'silent' }))).toEqual({ state: 'stalled', word: 'Silent' })
  expect(uptimeWords(worker({}), NOW)).toBe('started 2 h ago')
})

test('what needs a look comes first', () => {
  const list = [worker({ id: 'idle' }), worker({ id: 'busy', running: 2 }), worker({ id: 'gone', state: 'silent' })]
  expect(sortWorkers(list).map(({ id }) => id)).toEqual(['gone', 'busy', 'idle'])
  expect(summaryWords(list)).toBe('3 workers, 2 of 12 slots in use, 1 silent.')
  expect(list.filter((one) => fits(one, 'MAIL gone')).map(({ id }) => id)).toEqual(['gone'])
})

test('what cannot be done says why', () => {
  expect(refusal('pause', worker({}))).toBeUndefined()
  expect(refusal('resume', worker({}))).toBe('It is not paused')
  expect(refusal('resume', worker({ state: 'paused' }))).toBeUndefined()
  expect(refusal('shutdown', worker({ state: 'stopping' }))).toBe('It is ending')
  expect(refusal('pause', worker({ state: 'silent' }))).toBe('Nothing was heard of it')
})
