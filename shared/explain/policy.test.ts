// The decision itself: it must hold for any facts, and every cause there is must be one that somebody can meet.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toRawJob } from '../bullmq/raw-job.ts'
import type { StatedJob } from '../bullmq/bullmq.ts'
import type { WorkerInfo } from '../workers/registry.ts'
import { stateOf, parkingOf } from '../jobs/state.ts'
import type { Facts, MoreFacts } from './facts.ts'
import { explain, whyOf } from './policy.ts'
import { span } from './say.ts'
import { Cause, Estimate, Reason } from './words.ts'

const NOW = 1_764_000_000_000
const states = [
  'waiting',
  'prioritized',
  'delayed',
  'active',
  'waiting_children',
  'completed',
  'failed',
  'unknown',
] as const

const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })
const moments = fc.integer({ min: NOW - 1_000_000, max: NOW + 1_000_000 })
const small = fc.integer({ min: 0, max: 3 })

const jobs = fc
  .record({
    atm: small,
    ats: small,
    stc: small,
    processedOn: optional(moments),
    finishedOn: optional(moments),
    failedReason: optional(fc.constantFrom('Error: no', '', 'job stalled more than allowable limit')),
    pb: optional(fc.constantFrom('w_a', 'other', '')),
    defa: optional(fc.constantFrom('child bull:mail:x failed', 'job stalled more than allowable limit')),
    k1nCancelled: optional(fc.constantFrom('', 'sold out')),
    k1nReason: optional(fc.constantFrom('poison', 'permanent', 'exhausted')),
    k1nPark: optional(
      fc.constantFrom(
        '{"service":"smtp","cause":"budget","until":1,"since":1,"ats":0,"reason":"budget spent, 4 s"}',
        '{}',
        'not JSON',
      ),
    ),
  })
  .map((hash) => {
    const fields = ['name', 'timestamp', 'opts', ...Object.keys(hash)] as Parameters<typeof toRawJob>[2]
    const values = ['mail.send', String(NOW - 60_000), '{"attempts":3}', ...Object.values(hash).map((value) => value?.toString())] // prettier-ignore
    return toRawJob('mail', 't_a', fields, values) as StatedJob['job']
  })

const counts = fc.record({
  waiting: small,
  prioritized: small,
  delayed: small,
  active: small,
  waiting_children: small,
  completed: small,
  failed: small,
  paused: fc.boolean(),
})
const held = { service: 'smtp', cause: 'breaker', until: NOW + 18_000, reason: 'breaker smtp open', at: NOW } as const
const arounds = fc.record({
  counts,
  workers: small,
  pause: fc.constantFrom(null, { by: 'Ada', at: new Date(NOW).toISOString(), reason: null, until: null }),
  held: fc.constantFrom(null, held),
})
const worker = (names: string[] | undefined): WorkerInfo => ({
  id: 'w_a',
  host: 'h',
  pid: 1,
  version: '1.0.0',
  slots: { mail: 2 },
  ...(names ? { names } : {}),
  running: 0,
  started_at: NOW,
  last_seen_at: NOW,
  last_fetch_at: null,
  rss_bytes: 1,
  event_loop_lag_ms: 0,
  state: 'running',
  active: [],
})
const mores: fc.Arbitrary<MoreFacts> = fc.record({
  circumstances: fc.record({
    concurrency: optional(small),
    rate: optional(fc.record({ max: fc.integer({ min: 1, max: 3 }), durationMs: fc.integer({ min: 0, max: 60_000 }) })),
    window: optional(fc.record({ started: fc.constantFrom(0, 1, 3, 2 ** 53), endsInMs: fc.nat(60_000) })),
    lockMs: optional(fc.nat(30_000)),
    suspected: fc.boolean(),
    stalledCheckMs: optional(fc.nat(5_000)),
    takenAt: optional(moments),
  }),
  children: optional(
    fc.record({
      awaited: small,
      ended: small,
      forgiven: small,
      searched: small,
      failed: small,
      some: fc.array(fc.record({ address: fc.constant('mail:c'), failed: fc.boolean() }), { maxLength: 3 }),
    }),
  ),
  crew: fc.constantFrom({ count: 0, names: [] }, { count: 1, names: ['w_a'] }, { count: 2, names: ['w_a'] }),
  processes: fc.constantFrom<WorkerInfo[]>([], [worker(['mail.send'])], [worker(['other'])], [worker(undefined)]),
  runner: optional(
    fc.record({
      seenAt: optional(moments),
      exit: optional(fc.constant({ exit: 'signal SIGKILL', by_itself: false, at: NOW })),
    }),
  ),
  outPerMin: fc.constantFrom(0, 0.3, 600),
  memory: fc.constantFrom(
    { usedBytes: 5, maxBytes: 0, refuses: true },
    { usedBytes: 5, maxBytes: 5, refuses: true },
    { usedBytes: 5, maxBytes: 9, refuses: true },
  ),
  last: fc.constant(undefined),
})

const facts: fc.Arbitrary<Facts> = fc
  .tuple(jobs, fc.constantFrom(...states), optional(moments), optional(arounds), optional(mores))
  .map(([job, state, moment, around, more]) => {
    const score =
      state === 'waiting' || state === 'prioritized' ? (moment === undefined ? undefined : moment % 3) : moment
    const stated: StatedJob = { job, state, score, readAt: NOW * 1_000 }
    const parts = {
      now: NOW,
      stated,
      state: stateOf(stated, around?.held),
      parking: parkingOf(stated, around?.held),
      around,
    }
    return more ? { ...parts, more } : parts
  })

describe('for any facts', () => {
  test('there is one reason with a sentence, and a time exactly for what waits', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const explained = explain(given)
        for (const reason of [explained, ...explained.further]) {
          expect(Reason.safeParse(reason).success).toBe(true)
          expect(reason.says).toMatch(/^[A-Z].+[^ ]$/s)
          expect(reason.says).not.toMatch(/undefined|NaN|null/)
        }
        expect(explained.estimate === null).toBe(explained.is !== 'waiting')
        if (explained.estimate) expect(Estimate.safeParse(explained.estimate).success).toBe(true)
        expect(whyOf(given)).toBe(explained.says)
      }),
      { numRuns: 3_000 },
    )
  })

  test('no reason is told twice', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const explained = explain(given)
        const told = [explained, ...explained.further].map(({ cause, says }) => `${cause} ${says}`)
        expect(new Set(told).size).toBe(told.length)
      }),
      { numRuns: 1_000 },
    )
  })

  test('what stands further back never hides that the queue is paused or nobody works', () => {
    const waits = facts.filter(
      ({ state, around }) => state === 'waiting' && around?.counts.paused === true && !around.held,
    )
    fc.assert(
      fc.property(waits, (given) => {
        expect(['queue_paused', 'redis_full']).toContain(explain(given).cause)
      }),
      { numRuns: 300 },
    )
  })
})

test('every cause is staged beside it with real queues', () => {
  const texts = ['gates', 'line', 'waiting', 'running', 'explain'].map((name) =>
    readFileSync(new URL(`./${name}.test.ts`, import.meta.url), 'utf8'),
  )
  const parked = ["'parked_breaker'", "'parked_budget'", "'parked_concurrency'", "'parked_retry_budget'"].join()
  const staged = texts.join('').replace('`parked_${cause}`', parked)
  expect(Cause.options.filter((cause) => !staged.includes(`'${cause}'`))).toEqual([])
})

test.each([
  [999, '999 ms'],
  [1_499, '1 s'],
  [59_900, '1 min'],
  [3_599_980, '1 h'],
  [86_399_999, '1 d'],
  [400 * 86_400_000, '400 d'],
])('%i ms are %s', (ms, words) => {
  expect(span(ms)).toBe(words)
})
