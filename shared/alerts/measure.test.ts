// What each rule measures, as tables of figures.
import { describe, expect, test } from 'vitest'
import { measure } from './measure.ts'
import type { Counts, Figures, Runs, WaitingQueue } from './measure.ts'
import type { Metric } from './catalogue.ts'

const none: Figures = {
  ...{ now: 1_000_000, waiting: [], recent: new Map(), wide: new Map() },
  ...{ runs: [], breakers: [], schedules: [], webhooks: [] },
}
const counts = (more: Partial<Counts>): Counts => ({ added: 0, completed: 0, failed: 0, cancelled: 0, ...more })
const waits = (more: Partial<WaitingQueue>): WaitingQueue => ({
  ...{ name: 'mail', ready: 5, oldestMs: 400_000, workers: 1, paused: false, behindBreaker: false },
  ...more,
})
const ran = (more: Partial<Runs>): Runs => ({
  queue: 'mail',
  name: 'mail.send',
  p95: 900,
  samples: 40,
  usual: 400,
  ...more,
})

/** `subject: value (samples)` of one metric. */
const says = (metric: Metric, figures: Partial<Figures>): string[] =>
  (measure({ ...none, ...figures }).get(metric) ?? []).map(
    ({ subject: { id }, value, samples }) => `${id}: ${value}${samples === null ? '' : ` (${samples})`}`,
  )

test.each<[string, Metric, Partial<Figures>, string[]]>([
  ['the share that failed', 'failure_rate', { recent: new Map([['mail', counts({ completed: 90, failed: 10 })]]) }, ['mail: 0.1 (100)']],
  ['cancelled jobs have not failed', 'failure_rate', { recent: new Map([['mail', counts({ completed: 10, cancelled: 90 })]]) }, ['mail: 0 (10)']],
  ['where nothing ended nothing is said', 'failure_rate', { recent: new Map([['mail', counts({ added: 9 })]]) }, []],
  ['deliveries are told of their endpoints', 'failure_rate', { recent: new Map([['k1n-webhooks', counts({ failed: 9 })]]) }, []],
  ['how much longer than usual', 'run_time', { runs: [ran({})] }, ['mail:mail.send: 2.25 (40)']],
  ['what is usual is not known', 'run_time', { runs: [ran({ usual: undefined })] }, []],
  ['what takes a moment may take two', 'run_time', { runs: [ran({ p95: 9, usual: 2 })] }, []],
  ['what came and did not end', 'backlog', { waiting: [waits({ ready: 900 })], wide: new Map([['mail', counts({ added: 700, completed: 90, failed: 5, cancelled: 5 })]]) }, ['mail: 600']],
  ['only what waits now has piled up', 'backlog', { waiting: [waits({ ready: 30 })], wide: new Map([['mail', counts({ added: 700 })]]) }, ['mail: 30']],
  ['a queue that catches up', 'backlog', { waiting: [waits({})], wide: new Map([['mail', counts({ added: 5, completed: 90 })]]) }, []],
  ['an old job', 'oldest_waiting', { waiting: [waits({})] }, ['mail: 400']],
  ['a paused queue is not late', 'oldest_waiting', { waiting: [waits({ paused: true })] }, []],
  ['nor one behind a breaker', 'oldest_waiting', { waiting: [waits({ behindBreaker: true })] }, []],
  ['nor one nobody works on', 'oldest_waiting', { waiting: [waits({ workers: 0 })] }, []],
  ['deaths', 'dead_letters', { wide: new Map([['mail', counts({ failed: 11 })], ['sms', counts({ completed: 3 })]]) }, ['mail: 11']],
  ['a breaker, and since when', 'breaker', { breakers: [{ service: 'smtp', since: 955_000 }] }, ['smtp: 45']],
  ['a schedule, and for how long', 'schedule', { schedules: [{ id: 'nightly', name: 'Nightly', queue: 'reports', next: 910_000 }] }, ['nightly: 90']],
  ['jobs that nobody takes', 'no_worker', { waiting: [waits({ workers: 0 })] }, ['mail: 5']],
  ['nobody is to take those of a paused queue', 'no_worker', { waiting: [waits({ workers: 0, paused: true })] }, []],
  ['failures in a row', 'webhook', { webhooks: [{ id: 'wh_1', label: 'a.example', failures: 7 }, { id: 'wh_2', label: 'b', failures: 0 }] }, ['wh_1: 7']],
])('%s', (_name, metric, figures, said) => {
  expect(says(metric, figures)).toEqual(said)
}) // prettier-ignore

describe('whose they are', () => {
  test('what belongs to a queue says so, services and webhooks belong to none', () => {
    const figures = { ...none, runs: [ran({})], breakers: [{ service: 'smtp', since: 0 }] }
    expect(measure(figures).get('run_time')?.[0]?.subject).toEqual({ kind: 'job', id: 'mail:mail.send', label: 'mail.send', queue: 'mail' }) // prettier-ignore
    expect(measure(figures).get('breaker')?.[0]?.subject.queue).toBeNull()
  })
})
