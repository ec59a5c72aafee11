// The first sentence of the first page says what needs a person, and nothing that does not.
import { expect, test } from 'vitest'
import { needsOf, verdictOf } from './verdict.ts'
import type { BreakerHealth, Health, QueueHealth } from './verdict.ts'

const calm = (name: string, more: Partial<QueueHealth> = {}): QueueHealth => ({
  name,
  paused: null,
  held: null,
  ready: 0,
  oldestMs: null,
  workers: 2,
  deadLetters: 0,
  deadLastHour: 0,
  ...more, // prettier-ignore
})
const health = (queues: QueueHealth[], more: Partial<Health> = {}): Health => ({
  queues,
  breakers: [],
  finished: 0,
  failed: 0,
  now: 3_600_000,
  ...more,
})
const say = (of: Health) => needsOf(of).map(({ kind, title, detail }) => `${kind}: ${title}. ${detail}`)

test('with nothing amiss there is nothing to do', () => {
  const fine = health([calm('mail', { ready: 5, oldestMs: 5 * 60_000 })], { finished: 100, failed: 5 })
  expect(needsOf(fine)).toEqual([])
  expect(verdictOf([])).toBe('Everything is on time.')
})

const open = (service: string, more: Partial<BreakerHealth> = {}): BreakerHealth => ({
  service,
  state: 'open',
  since: 3_600_000 - 150_000,
  forced: null,
  parked: null,
  ...more,
})

test('a breaker that lets no call through is told with how long, and with the jobs it holds where they are counted', () => {
  const breakers = [
    open('smtp.example'),
    open('[::1]:80', { state: 'forced_open', since: 0, parked: 1, forced: { by: 'Ada', reason: 'maintenance' } }),
  ]
  const needs = needsOf(health([], { breakers }))
  expect(needs.map(({ title, detail, link }) => [title, detail, link])).toEqual([
    [
      'The breaker of [::1]:80 is forced open',
      'By Ada: maintenance. For 60 min. 1 job is held.',
      '/breakers/%5B%3A%3A1%5D%3A80',
    ],
    ['The breaker of smtp.example is open', 'For 3 min.', '/breakers/smtp.example'],
  ])
})

test('a queue that needs somebody leads to its page, whatever its name', () => {
  const amiss: Partial<QueueHealth>[] = [
    { paused: { by: 'Ada', reason: null } },
    { workers: 0, ready: 3 },
    { ready: 3, oldestMs: 3_600_000 },
  ]
  const needs = amiss.flatMap((more) => needsOf(health([calm('a/b & c', more)])))
  expect(needs.map(({ kind, link }) => [kind, link])).toEqual([
    ['queue_paused', '/queues/a%2Fb%20%26%20c'],
    ['no_worker', '/queues/a%2Fb%20%26%20c'],
    ['oldest_waiting', '/queues/a%2Fb%20%26%20c'],
  ])
})

test('many open breakers are one need, so that they hide nothing else', () => {
  const breakers = ['a', 'b', 'c', 'd', 'e'].map((service) => open(service, { parked: 10 }))
  expect(say(health([], { breakers }))).toEqual([
    'breaker_open: 5 breakers are not closed. a, b, c and 2 more. 50 jobs are held.',
  ])
})

test('dead letters are counted over all queues, with where most of them are', () => {
  const queues = [calm('mail', { deadLetters: 1, deadLastHour: 1 }), calm('billing', { deadLetters: 1_200 })]
  expect(say(health(queues))).toEqual([
    'dead_letters: 1,201 dead letters. 1 new in the last hour; most are in billing (1,200).',
  ])
  expect(say(health([calm('mail', { deadLetters: 1 })]))[0]).toBe(
    'dead_letters: 1 dead letter. 0 new in the last hour; it is in mail.',
  )
})

test('a paused queue is told with who paused it and why, and is neither deserted nor late', () => {
  const paused = { reason: 'the bank is down', by: 'Ada' }
  const queue = calm('billing', { paused, ready: 1, oldestMs: 3_600_000, workers: 0 })
  expect(say(health([queue]))).toEqual(['queue_paused: billing is paused. By Ada: the bank is down. 1 job waits.'])
  expect(say(health([{ ...queue, paused: { ...paused, reason: null } }]))[0]).toContain('By Ada. 1 job waits')
})

test('a queue nobody works on needs a worker once a job waits there', () => {
  expect(say(health([calm('orders', { workers: 0 })]))).toEqual([])
  expect(say(health([calm('orders', { workers: 0, ready: 3, oldestMs: 3_600_000 })]))).toEqual([
    'no_worker: orders has no worker. 3 jobs wait and nobody takes them.',
  ])
})

test('a queue whose oldest job has waited over five minutes is late', () => {
  expect(say(health([calm('mail', { ready: 9, oldestMs: 9 * 60_000 })]))).toEqual([
    'oldest_waiting: mail is late. The oldest of 9 jobs has waited 9 min.',
  ])
})

test('a queue that is held is late for what holds it, and a breaker that holds it is told by itself', () => {
  const waiting = { ready: 9, oldestMs: 9 * 60_000 }
  const held = { cause: 'budget', reason: 'budget of spotify spent, 12 s' } as const
  expect(say(health([calm('music', { ...waiting, held })]))).toEqual([
    'oldest_waiting: music is late. The oldest of 9 jobs has waited 9 min: budget of spotify spent, 12 s.',
  ])
  expect(say(health([calm('music', { ...waiting, held: { cause: 'breaker', reason: 'open' } })]))).toEqual([])
})

test('failures count from one in twenty of twenty jobs on', () => {
  expect(say(health([], { finished: 19, failed: 19 }))).toEqual([])
  expect(say(health([], { finished: 20, failed: 1 }))).toEqual([])
  expect(say(health([], { finished: 200, failed: 25 }))).toEqual([
    'failure_rate: 12.5 % of jobs fail. 25 of 200 in the last five minutes.',
  ])
})

test('the most pressing comes first, and the sentence counts them', () => {
  const queues = [calm('mail', { deadLetters: 2 }), calm('orders', { workers: 0, ready: 500 })]
  const needs = needsOf(health(queues))
  expect(needs.map(({ kind }) => kind)).toEqual(['no_worker', 'dead_letters'])
  expect(verdictOf(needs)).toBe('Two things need you. Everything else is on time.')
  expect(verdictOf(needs.slice(1))).toBe('One thing needs you. Everything else is on time.')
  expect(verdictOf(Array.from({ length: 7 }, () => needs[0] as (typeof needs)[0]))).toMatch(/^7 things need/)
})
