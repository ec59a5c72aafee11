// A job's page must say what is so in every state, and draw its attempts in their true proportions.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attempt } from '../../../shared/attempts/contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { actionsFor, addressOf, asCurl, factsOf, isRedacted, scheduleOf, stateLine, stripOf, topicOf } from './model.ts'

const start = Date.UTC(2026, 10, 22, 10)
const iso = (ms: number): string => new Date(start + ms).toISOString()
const job = (rest: Partial<Job> = {}): Job => ({
  id: 'mail.send:t_1',
  queue: 'mail.send',
  name: 'send',
  state: 'waiting',
  progress: null,
  priority: 0,
  priority_name: 'normal',
  delay_ms: 0,
  attempts_made: 0,
  attempts_max: 5,
  backoff: null,
  created_at: iso(0),
  run_at: null,
  expires_at: null,
  parked: null,
  processed_at: null,
  finished_at: null,
  worker_id: null,
  parent: null,
  dedup_id: null,
  tags: [],
  metadata: {},
  service: null,
  dlq_id: null,
  known: true,
  why: '',
  trace: {},
  version: 1,
  links: {},
  ...rest,
})
const attempt = (number: number, from: number, to: number | null, outcome: Attempt['outcome']): Attempt => ({
  attempt: number,
  started_at: iso(from),
  finished_at: to === null ? null : iso(to),
  duration_ms: to === null ? null : to - from,
  outcome,
  delay_ms: null,
  worker_id: 'w1',
  inferred: false,
})

test.each<[Partial<Job>, string]>([
  [{}, 'Waiting for 2 min.'],
  [{ state: 'active', processed_at: iso(115_000), attempts_made: 1 }, 'Running for 5.0 s. Attempt 2 of 5.'],
  [{ state: 'failed', finished_at: iso(60_000), attempts_made: 5 }, 'Failed 1 min ago. Attempt 5 of 5.'],
  [{ state: 'delayed', run_at: iso(161_000) }, 'Delayed for 2 min. Runs in 41 s.'],
  [
    {
      state: 'delayed',
      run_at: iso(161_000),
      attempts_made: 3,
      backoff: { type: 'exponential', delay_ms: 1_000, max_ms: 120_000, jitter: 'full' },
    },
    'Delayed for 2 min. Attempt 3 of 5. Next try in 41 s (exponential, 2 min cap).',
  ],
  [{ state: 'delayed', run_at: iso(0) }, 'Delayed for 2 min. Runs any moment.'],
  [{ state: 'completed' }, 'Done.'],
])('the state line of %j', (rest, line) => {
  expect(stateLine(job(rest), start + 120_000)).toBe(line)
})

test('the strip shows waiting, runs, rests and what comes next, to scale', () => {
  const pieces = stripOf(
    job({ state: 'delayed', run_at: iso(20_000) }),
    [attempt(1, 1_000, 2_000, 'retrying'), attempt(2, 6_000, 10_000, 'retrying')],
    start + 12_000,
  )
  expect(pieces.map(({ kind, from, width }) => [kind, from, width])).toEqual([
    ['wait', 0, 0.05],
    ['run', 0.05, 0.05],
    ['rest', 0.1, 0.2],
    ['run', 0.3, 0.2],
    ['next', 0.5, 0.5],
  ])
  expect(pieces[1]?.says).toBe('Attempt 1 retrying, ran 1.0 s')
})

test('whatever times come, pieces never overlap nor leave the strip', () => {
  const spans = fc.array(fc.tuple(fc.integer({ min: -5_000, max: 50_000 }), fc.nat(5_000)), { maxLength: 6 })
  fc.assert(
    fc.property(spans, fc.nat(60_000), (list, now) => {
      const attempts = list.map(([from, length], index) => attempt(index + 1, from, from + length, 'retrying'))
      let end = 0
      for (const piece of stripOf(job({ state: 'delayed' }), attempts, start + now)) {
        expect(piece.from).toBeCloseTo(end, 6)
        expect(piece.width).toBeGreaterThanOrEqual(0)
        end = piece.from + piece.width
      }
      expect(end).toBeLessThanOrEqual(1.000001)
    }),
    { numRuns: 200 },
  )
})

test.each<[Job['state'], string[], string?]>([
  ['parked', ['promote', 'cancel'], iso(1_000)],
  ['parked', ['cancel']],
  ['failed', ['retry']],
  ['delayed', ['promote', 'cancel']],
  ['active', ['cancel']],
  ['waiting', ['cancel']],
  ['completed', ['retry']],
  ['unknown', []],
])('what may be done with a job that is %s: %j', (state, actions, run_at) => {
  expect(actionsFor({ state, run_at: run_at ?? null })).toEqual(actions)
})

test('the command survives quotes in the payload', () => {
  expect(asCurl(job({ data: { text: "it's" }, priority: 10 }), 'http://k1n')).toContain(
    `'{"name":"send","queue":"mail.send","data":{"text":"it'\\''s"},"options":{"priority":10}}'`,
  )
})

test('redaction, addresses, topics and facts', () => {
  expect(isRedacted({ redacted: true })).toBe(true)
  expect(isRedacted({ redacted: true, more: 1 })).toBe(false)
  expect(addressOf({ id: 't_1', queue: 'mail' })).toBe('mail:t_1')
  expect(topicOf('mail:t_1')).toBe('state:job:mail:t_1')
  expect(topicOf('my mails/a@b:7')).toBe('state:job:my mails/a@b:7')
  expect(factsOf(job()).map((fact) => fact.label)).not.toContain('Worker')
})

test('a job of a schedule names it, others name none', () => {
  expect(scheduleOf('mail:s_nightly.digest-2_1774746000000')).toBe('nightly.digest-2')
  expect(scheduleOf('mail:t_s_1_2')).toBeUndefined()
  expect(factsOf(job({ id: 'mail:s_digest_17' }))).toContainEqual({ label: 'Schedule', value: 'digest', schedule: 'digest' }) // prettier-ignore
})
