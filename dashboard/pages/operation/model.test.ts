// An operation must be told as it stands: what was done, how each step fared, and what can still be done with it.
import { describe, expect, test } from 'vitest'
import type { Operation } from '../../../shared/operations/words.ts'
import { kindWords } from './kinds.ts'
import {
  badWords,
  factsOf,
  fatesWords,
  isOnTheWay,
  moreWords,
  paceIndex,
  paces,
  paceWords,
  progressWords,
  resultWords,
  rungsOf,
  speedWords,
  steersFor,
  watchedWords,
} from './model.ts'
import type { Fates } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 11, 0)
const progress = { total: 412, done: 11, failed: 0, skipped: 0, rate_per_s: null, eta: null }
const operation = (more: Partial<Operation> = {}): Operation => ({
  id: 'op_0123456789abcdef',
  kind: 'dlq.resubmit',
  status: 'running',
  reason: null,
  phase: 'applying',
  requested: null,
  asked_by: 'Ada',
  params: { filter: { group: ['abcd'] }, ladder: { steps: [1, 10], wait_ms: 60_000 } },
  progress,
  pace_per_s: 20,
  watched: { ended: 0, failed_again: 0, failed_otherwise: 0, steps: [] },
  undoes: null,
  undo_until: null,
  created_at: new Date(NOW).toISOString(),
  started_at: null,
  finished_at: null,
  links: {},
  ...more,
})

const statesOf = (more: Partial<Operation>): string[] => rungsOf(operation(more)).map(({ state }) => state)
const done = (count: number, total = 412): Operation['progress'] => ({ ...progress, total, done: count })

describe('the steps', () => {
  test.each([
    [{ status: 'queued', progress: { ...progress, total: null, done: 0 } }, ['ahead', 'ahead', 'ahead']],
    [{ phase: 'trying', progress: done(0) }, ['running', 'ahead', 'ahead']],
    [{ phase: 'waiting', progress: done(1) }, ['hearing', 'ahead', 'ahead']],
    [{ status: 'paused', phase: null, progress: done(1) }, ['stopped', 'ahead', 'ahead']],
    [{ phase: 'trying', progress: done(5) }, ['passed', 'running', 'ahead']],
    [{ phase: 'waiting', progress: done(11) }, ['passed', 'hearing', 'ahead']],
    [{ progress: done(40) }, ['passed', 'passed', 'running']],
    [{ status: 'paused', phase: null, progress: done(40) }, ['passed', 'passed', 'stopped']],
    [{ status: 'succeeded', phase: null, progress: done(412) }, ['passed', 'passed', 'passed']],
    [{ status: 'succeeded', phase: null, progress: done(5, 5) }, ['passed', 'passed']],
    [{ status: 'succeeded', phase: null, progress: done(1, 1) }, ['passed']],
    [{ status: 'cancelled', phase: null, progress: done(0) }, ['ahead', 'ahead', 'ahead']],
  ] as const)('%j', (more, states) => {
    expect(statesOf(more as Partial<Operation>)).toEqual(states)
  })

  test('each tells how it fared, and the rest at which pace it goes', () => {
    const steps = [
      { until: 1, ended: 1, failed_again: 0, failed_otherwise: 0 },
      { until: 11, ended: 10, failed_again: 2, failed_otherwise: 1 },
    ]
    const watched = { ended: 11, failed_again: 2, failed_otherwise: 1, steps }
    expect(rungsOf(operation({ progress: done(40), watched })).map(({ label, result }) => [label, result])).toEqual([
      ['1 dead letter', '1 of 1 came through'],
      ['10 dead letters', '7 of 10 came through, 2 failed again, 1 failed for another reason'],
      ['the rest at 20/s', ''],
    ])
  })

  test('there are none where nothing was tried, or while something is taken back', () => {
    expect(rungsOf(operation({ params: { ladder: null } }))).toEqual([])
    expect(rungsOf(operation({ undoes: 'op_1' }))).toEqual([])
  })
})

test('how far it is, in a sentence', () => {
  expect(progressWords(operation())).toBe('Resubmitted 11 of 412 dead letters.')
  expect(progressWords(operation({ progress: { ...progress, failed: 1, skipped: 2 } }))).toBe(
    'Resubmitted 11 of 412 dead letters, 1 could not be, 2 needed nothing.',
  )
  const finding = { ...progress, total: null, done: 0 }
  expect(progressWords(operation({ status: 'queued', progress: finding }))).toBe('Waits for a worker.')
  expect(progressWords(operation({ progress: finding }))).toBe('Finding the dead letters it is about.')
  expect(progressWords(operation({ kind: 'dlq.purge', undoes: 'op_1' }))).toBe('Brought back 11 of 412 dead letters.')
  expect(kindWords({ kind: 'jobs.move', undoes: null }).doing).toBe('jobs.move')
})

test('how those fared that were looked at', () => {
  expect(watchedWords(operation())).toBe('')
  const watched = { ended: 10, failed_again: 2, failed_otherwise: 0, steps: [] }
  const told = (done: number, finished_at: string | null = new Date(NOW).toISOString()) =>
    watchedWords({ watched, finished_at, progress: { ...progress, done } })
  expect(told(1_200, null)).toBe('Of those, 8 of 10 came through, 2 failed again.')
  expect(told(10)).toBe('Of those, 8 of 10 came through, 2 failed again.')
  expect(told(11)).toBe('Of those, 8 of 10 came through, 2 failed again; the end of one was not seen.')
  expect(told(1_200)).toBe('Of those, 8 of 10 came through, 2 failed again; the end of 1,190 was not seen.')
  expect(resultWords({ ended: 1, failed_again: 0, failed_otherwise: 1 })).toBe(
    '0 of 1 came through, 1 failed for another reason',
  )
})

test('speed and end are told while it goes', () => {
  const going = { ...progress, rate_per_s: 20, eta: new Date(NOW + 20_000).toISOString() }
  expect(speedWords(operation({ progress: going }), NOW)).toBe('20/s, done in 20 s')
  expect(speedWords(operation({ progress: going, status: 'paused' }), NOW)).toBe('')
})

test('what can be done fits how it stands', () => {
  expect(steersFor(operation())).toEqual(['pause', 'cancel'])
  expect(steersFor(operation({ requested: 'pause' }))).toEqual(['resume', 'cancel'])
  expect(steersFor(operation({ status: 'paused' }))).toEqual(['resume', 'cancel'])
  expect(steersFor(operation({ status: 'succeeded' }))).toEqual([])
  expect(steersFor(operation({ status: 'succeeded', undo_until: new Date(NOW).toISOString() }))).toEqual(['undo'])
})

test('the slider has every pace, the last of them without a limit', () => {
  expect(paces.map(paceIndex)).toEqual(paces.map((_pace, index) => index))
  expect([paceIndex(0.1), paceIndex(99_999)]).toEqual([0, paces.length - 2])
  expect([paceWords(20), paceWords(null)]).toEqual(['20 a second', 'as fast as it can'])
})

test('the facts say what was asked, and leave out what was not', () => {
  const facts = factsOf(
    operation({ params: { filter: { group: ['a', 'b'], error_class: ['timeout'] }, reason: 'fixed' } }),
  )
  expect(facts.map(({ label, value }) => [label, value])).toEqual([
    ['Asked by', 'Ada'],
    ['About', 'group a or b, error class timeout'],
    ['Reason', 'fixed'],
    ['Asked at', ''],
  ])
  expect(factsOf(operation({ params: { filter: {} } }))[1]?.value).toBe('all dead letters')
  expect(factsOf(operation({ kind: 'jobs.retry', params: { filter: {} } }))[1]?.value).toBe('all jobs')
  expect(factsOf(operation({ kind: 'queue.drain', params: { queue: 'mail' } })).map(({ value }) => value)).toEqual([
    'Ada',
    'the queue mail',
    '',
  ])
  expect(factsOf(operation({ kind: 'worker.pause', params: { worker_id: 'w_a-1-x' } }))[1]?.value).toBe(
    'the worker w_a-1-x',
  )
})

test('groups that are all it is about can be opened', () => {
  const about = (filter: object) => factsOf(operation({ params: { filter } }))[1]?.groups
  expect(about({ group: ['a', 'b'] })).toEqual(['a', 'b'])
  expect(about({ group: ['a'], queue: ['mail'] })).toBeUndefined()
})

describe('how they fare', () => {
  const none: Fates = {
    ...{ looked: 0, of: 0, came_through: 0, failed_again: 0, failed_otherwise: 0 },
    ...{ failing: 0, pending: 0, cancelled: 0, gone: 0, left: 0, badly: [] },
  }

  test.each<[Partial<Fates>, string]>([
    [{}, 'Nothing was done to any of them yet.'],
    [{ looked: 1, of: 1, came_through: 1 }, 'It came through.'],
    [{ looked: 3, of: 3, came_through: 3 }, 'Of 3: all came through.'],
    [{ looked: 1, of: 1, pending: 1 }, 'Of 1: 1 on the way.'],
    [
      {
        ...{ looked: 22, of: 22, came_through: 10, failed_again: 4, failed_otherwise: 3 },
        ...{ failing: 1, pending: 1, cancelled: 1, gone: 1, left: 1 },
      },
      'Of 22: 10 came through, 4 failed again, 3 failed for another reason, 1 failing, and tried again, 1 on the way, 1 cancelled, 1 not there any more, 1 left, or done again since.',
    ],
    [
      { looked: 500, of: 41_000, came_through: 499, pending: 1 },
      'Of 500 looked at, of 41,000: 499 came through, 1 on the way.',
    ],
  ])('%j', (more, words) => {
    expect(fatesWords({ ...none, ...more })).toBe(words)
  })

  test('is asked for again while one of them has not come to an end', () => {
    expect([{ pending: 1 }, { failing: 1 }, { failed_again: 1 }].map((more) => isOnTheWay({ ...none, ...more }))).toEqual([true, true, false]) // prettier-ignore
  })

  test('tells how many fare badly beside those it names', () => {
    const badly = [{ item: 'mail:a:1', task_id: 'mail:a', fate: 'failing' as const }]
    expect(moreWords({ ...none, failed_again: 3, failing: 1, badly })).toBe('and 3 more')
    expect(moreWords({ ...none, failing: 1, badly })).toBe('')
    expect(badWords.failing).toBe('Failing, and tried again')
  })
})
