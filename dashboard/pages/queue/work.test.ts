// What is sent for work that cannot be undone must be what was filled in, and nothing must begin that was not confirmed.
import { describe, expect, test } from 'vitest'
import { queueWith } from '../queues/testing.ts'
import { concernWords, doesWords, draftFor, readWork, refusal } from './work.ts'

const queue = queueWith({
  counts: { waiting: 4_000, prioritized: 377, delayed: 5, active: 2, waiting_children: 0, completed: 1, failed: 9 },
})

describe('the request', () => {
  test('is what was filled in', () => {
    expect(readWork('drain', { ...draftFor('drain'), delayed: true, pace: '20' }, 'mail').body).toEqual({
      include_delayed: true,
      rate_per_s: 20,
    })
    expect(readWork('clean', { ...draftFor('clean'), older: '7 d' }, 'mail').body).toEqual({
      state: 'completed',
      older_than_ms: 604_800_000,
    })
    expect(readWork('retryAll', draftFor('retryAll'), 'mail').body).toEqual({ state: 'failed' })
    expect(readWork('promoteAll', draftFor('promoteAll'), 'mail')).toEqual({ body: {}, errors: {} })
  })

  test('tells what is wrong beside its field', () => {
    expect(readWork('clean', { ...draftFor('clean'), older: 'soon', pace: '-1' }, 'mail').errors).toEqual({
      older: 'Write it as 90 s, 15 min or 1 h 30 min.',
      pace: 'Must be a number.',
    })
  })

  test('of obliterating needs the name', () => {
    const typed = (confirm: string) => readWork('obliterate', { ...draftFor('obliterate'), confirm }, 'mail').errors
    expect(typed('mai')).toEqual({ confirm: 'Type mail to confirm.' })
    expect(typed('mail')).toEqual({})
  })
})

test('it says how many jobs it is about', () => {
  const of = (work: Parameters<typeof concernWords>[0], draft = {}) =>
    [concernWords, doesWords].map((words) => words(work, queue, { ...draftFor(work), ...draft }))
  expect(of('drain')).toEqual(['4,377 waiting jobs are there now.', 'Drain 4,377 jobs'])
  expect(of('drain', { delayed: true })[1]).toBe('Drain 4,382 jobs')
  expect(of('clean')).toEqual(['1 completed job is there now.', 'Clean 1 job'])
  expect(of('clean', { older: '7 d', state: 'failed' })).toEqual([
    '9 failed jobs are there now. Those older than that go.',
    'Clean up to 9 jobs',
  ])
  expect(of('obliterate')).toEqual(['4,394 jobs are there now.', 'Obliterate'])
})

test('what cannot be begun says why', () => {
  expect(refusal('drain', queue)).toBeUndefined()
  expect(refusal('drain', { ...queue, name: 'k1n-ticks' })).toBe('k1n itself works with this queue')
  expect(refusal('promoteAll', queueWith())).toBe('No job is delayed')
  expect(refusal('retryAll', queueWith())).toBe('No job has ended')
  expect(refusal('obliterate', queueWith())).toBeUndefined()
})
