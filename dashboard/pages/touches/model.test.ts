import { describe, expect, test } from 'vitest'
import type { ServiceTouches, ServiceWhatIf, TouchedQueue } from '../../../shared/touches/contract.ts'
import {
  addedWords,
  allParkedFilter,
  aloneWords,
  answerWords,
  callsWords,
  changeOf,
  flowWords,
  halfOf,
  halfWords,
  isQuiet,
  knownWords,
  latelyWords,
  outcomeRows,
  parkedCount,
  parkedFilter,
  parkedWords,
} from './model.ts'

const use = (more: object = {}) => ({ name: 'mail.send', declared: true, seen: 0, parked: 0, now: 0, ...more })
const queue = (more: Partial<TouchedQueue> = {}): TouchedQueue => ({
  ...{ queue: 'mail', paused: false, held: false, waiting: 0, running: 0, delayed: 0, parked: 0, parked_exact: true },
  ...{ uses: [use()], ...more },
})
const lately = { since: '', accepted: 10, looked_at: 10, gone: 0, untold: 0 }
const flows = { data: [], total: 0, looked_at: 5, of: 5 }
const touches = (more: Partial<ServiceTouches> = {}): ServiceTouches => ({
  ...{ service: 'smtp', at: '', queues: [queue()], queues_total: 1, parked: 0, parked_exact: true, lately, flows },
  ...{ schedules: null, webhooks: null, budget: null },
  calls: { from: '', to: '', calls: 0, failures: 0, refused: 0 },
  ...more,
})

describe('what goes through', () => {
  test('is nothing while queues are empty and nothing called or is due', () => {
    expect(isQuiet(touches())).toBe(true)
    expect(isQuiet(touches({ queues: [queue({ waiting: 1 })] }))).toBe(false)
    expect(isQuiet(touches({ calls: { from: '', to: '', calls: 0, failures: 0, refused: 1 } }))).toBe(false)
  })
  test('tells estimates as such', () => {
    expect(parkedWords(touches())).toEqual({ figure: '', rest: 'No job is parked for it.' })
    expect(parkedWords(touches({ parked_exact: false })).rest).toContain('of those that were looked at')
    const many = touches({ parked: 312, parked_exact: false, queues: [queue({ parked: 312, parked_exact: false })] })
    expect(parkedWords({ ...many, queues: [queue({ parked: 312 })] }).figure).toBe('At least 312 jobs')
    expect(parkedWords(many)).toEqual({ figure: 'About 312 jobs', rest: ' in 1 queue are parked for it.' })
    expect(allParkedFilter(many)).toBe('state:parked service:smtp queue:mail')
    expect(allParkedFilter(touches())).toBe('state:parked service:smtp')
    expect(parkedCount(queue({ parked: 3, parked_exact: false }))).toBe('about 3')
  })
  test('is found by its service where jobs tell it, else by the queue alone', () => {
    expect(parkedFilter('smtp', queue())).toBe('state:parked service:smtp queue:mail')
    expect(parkedFilter('smtp', queue({ uses: [use({ declared: false, parked: 2 })], queue: 'a b' }))).toBe('state:parked queue:"a b"') // prettier-ignore
  })
  test('says how it is known', () => {
    expect(knownWords(use({ seen: 1, parked: 3 }))).toBe('declared, parked for it now, seen in 1 job')
    expect(knownWords(use({ declared: false, now: 2 }))).toBe('there now')
    expect(latelyWords({ ...lately, accepted: 4_000, looked_at: 1_000, gone: 2, untold: 3 })).toBe(
      'What was seen is of 1,000 of 4,000 jobs accepted in the last 24 h; 2 of them were removed since, and 3 do not tell what they call.',
    )
    expect(latelyWords({ ...lately, accepted: null, looked_at: 1 })).toBe(
      'What was seen is of the 1 job accepted in the last 24 h.',
    )
  })
  test('says that calls nobody declared cannot be told by job', () => {
    const calls = { from: '', to: '', calls: 7, failures: 1, refused: 2 }
    expect(callsWords(touches({ calls }))).toBe('7 calls in the last hour: 1 failed. 2 were refused.')
    expect(callsWords(touches({ calls, queues: [] }))).toContain('is not recorded')
  })
  test('says of how many jobs flows are told', () => {
    expect(flowWords({ ...flows, total: 30, looked_at: 200, of: 9_000 }, 'wait, run or are delayed here')).toBe(
      '30 flows wait, as 200 of 9,000 jobs that wait, run or are delayed here tell. The 0 that wait for most are shown.',
    )
    expect(flowWords(flows, 'they run now')).toBe('No flow waits, as all jobs they run now tell.')
  })
})

describe('what if', () => {
  const outcome = { calls: 31, failures: 6, refused: 29, delayed: 0, longest_wait_ms: 0, left: 0, busiest: 20 }
  const told = (changed: object, more: Partial<ServiceWhatIf> = {}): ServiceWhatIf => ({
    ...{ service: 'smtp', from: '', to: '', resolution_ms: 6_000, notes: [], estimated: true, as_it_was: outcome },
    ...{ changed: { ...outcome, ...changed } },
    ...more,
  })
  test('is a sentence', () => {
    expect(answerWords('closed', told({ calls: 60, failures: 25, refused: 0 }))).toBe(
      '29 calls that were refused would have been made. About 19 of them would have failed, going by the calls before them.',
    )
    expect(answerWords('open', told({ refused: 60 }))).toBe('All 60 calls of the last hour would have been refused.')
    expect(answerWords('limit', told({ delayed: 10, longest_wait_ms: 6_000, left: 2 }))).toBe(
      '10 calls would have had to wait, for up to 6.0 s. 2 of them would still wait.',
    )
    expect(answerWords('limit', told({}))).toContain('the busiest window had 20')
    const none = { ...outcome, calls: 0, refused: 0 }
    expect(answerWords('closed', told({}, { as_it_was: none }))).toContain('nothing to replay')
    expect(answerWords('closed', told({}, { as_it_was: { ...outcome, refused: 0 } }))).toContain('Nothing would have')
  })
  test('asks only what makes sense, and half where a limit is asked about', () => {
    expect(changeOf('open', '')).toEqual({ body: { force: 'open' } })
    expect(changeOf('limit', '30')).toEqual({ body: { budget_limit: 30 } })
    expect(changeOf('limit', 'x')).toHaveProperty('error')
    expect([halfOf(1), halfOf(1_201)]).toEqual(['1', '600'])
  })
  test('has rows for what can differ', () => {
    expect(outcomeRows('limit', told({})).map(({ label }) => label)).toContain('Had to wait')
    expect(outcomeRows('closed', told({})).map(({ label }) => label)).not.toContain('Had to wait')
  })
})

test('half of the limits of a key is told by what it used', () => {
  const burst = { state: 'armed' as const, remaining: 1, rearm_s: 0 }
  const minute = { limit: 100, remaining: 90, burst_limit: 120, reset_s: 1, burst }
  const quota = { principal: 'key_1', tier: 'standard' as const, exact: true }
  expect(halfWords({ ...quota, windows: { minute, day: { limit: 1_000, remaining: 300, reset_s: 9 } } })).toBe(
    'With half of its limits 10 of 50 this minute would be used, and 200 of the 700 requests today would have been refused.',
  )
  expect(halfWords({ ...quota, windows: null })).toBeUndefined()
})

test('queues that nobody else works on are counted', () => {
  const row = (other_slots: number) => ({ queue: 'a', slots: 1, other_slots, waiting: 0, running: 0, only_here: [] })
  const version = (...slots: number[]) => aloneWords({ queues: slots.map(row), queues_total: slots.length })
  expect(version(1, 2)).toContain('Others work')
  expect(version(0)).toContain('its queue.')
  expect(version(0, 0)).toContain('its 2 queues')
  expect(version(0, 1)).toContain('1 of its 2')
})

test('what a key added is told by the jobs that were looked at', () => {
  expect(addedWords({ lately, data: [], added: 4 })).toBe('Of the 10 jobs accepted in the last 24 h it added 4.')
  expect(addedWords({ lately: { ...lately, accepted: 90, gone: 1 }, data: [], added: 0 })).toBe(
    'Of 10 of 90 jobs accepted in the last 24 h it added none. 1 of these was removed since and tells nothing.',
  )
})
