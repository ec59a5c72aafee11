// Words of metrics: what the overview says at a glance.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Instant, QueueName } from '../jobs/words.ts'
import { many } from '../kernel/page.ts'
import { ErrorClass } from '../retries/words.ts'
import { AsOf, AsOfTold, MomentNotKept } from '../rewind/words.ts'

/** One figure with its last 60 minutes; null where there is nothing to measure. */
const vital = z.object({ value: z.number().nullable(), series: z.array(z.number().nullable()).max(60) })

export const Need = z
  .object({
    kind: z.enum([
      'breaker_open',
      'dead_letters',
      'queue_paused',
      'no_worker',
      'failure_rate',
      'oldest_waiting',
      'recorder_behind',
      'alert',
    ]),
    title: z.string(),
    detail: z.string(),
    weight: z.number().describe('Jobs affected × age; the list is sorted by it.'),
    link: z.string().describe('Path in the dashboard.'),
    action: z.string().describe('What the one button says.'),
    alert: z
      .object({ id: z.string(), rule_id: z.string(), severity: z.enum(['warning', 'critical']) })
      .nullable()
      .describe('The alert that fires for it, which can be acknowledged and silenced; null where none does.'),
  })
  .meta({ id: 'Need' })
export type Need = z.output<typeof Need>

export const Overview = z
  .object({
    at: Instant,
    as_of: AsOfTold,
    verdict: z.string().describe('The first sentence of the first page.'),
    quiet: z.boolean().describe('True when nothing needs anyone.'),
    needs: z.array(Need),
    vitals: z.object({
      finished_per_min: vital,
      first_try_ok: vital.describe('Share of finished jobs that succeeded at the first attempt, 0–1.'),
      wait_p95_ms: vital,
      run_p95_ms: vital,
      waiting: vital,
      running: vital.extend({ slots: z.int() }),
    }),
    dead_letters: z.int(),
    breakers_not_closed: z.int().describe('Breakers that keep calls from their service; 0 for who may not see them.'),
    alerts_firing: z
      .int()
      .describe('Alerts that fire, and that nobody acknowledged or silenced; 0 for who may not see alerts.'),
    alert_marks: z
      .array(z.object({ at: z.number(), text: z.string(), severity: z.enum(['warning', 'critical']) }))
      .max(50)
      .describe('Alerts that fired in the time of `pulse`, newest last.'),
    pulse: z
      .array(z.object({ at: z.number(), ok: z.int(), failed: z.int() }))
      .max(90)
      .describe('Per minute, oldest first.'),
    durability: z.enum(['process', 'disk', 'replica', 'none', 'unknown']),
  })
  .meta({ id: 'Overview' })
export type Overview = z.output<typeof Overview>

const ms = z.number().nullable()
const share = z.number().nullable().describe('Successes among attempts, 0–1; null without any.')
const ends = { attempts: z.int(), successes: z.int(), failures: z.int(), success_rate: share }

/** How many hours back retries are told. */
export const RETRY_WINDOW_MAX_H = 24

export const RetryMetrics = z
  .object({
    at: Instant,
    window_s: z.int(),
    ...ends,
    by_strategy: z.array(z.object({ strategy: z.string(), retries: z.int(), avg_delay_ms: ms })),
    by_error_class: z.array(
      z.object({
        error_class: ErrorClass,
        failures: z.int().describe('Attempts that failed so, first ones included.'),
        died: z.int().describe('Jobs whose last attempt failed so.'),
        wasted_s: z.number().describe('Seconds of worker time those attempts took.'),
      }),
    ),
    by_queue: z
      .array(z.object({ queue: z.string(), ...ends }))
      .max(100)
      .describe('Most retries first.'),
    avg_delay_ms: ms,
    p95_delay_ms: ms.describe('Right to a fifth of its value.'),
    wasted_s: z.number(),
    distribution: z
      .array(
        z.object({
          attempt: z.string().describe('`1` to `10`, then `>10`.'),
          succeeded: z.int().describe('Jobs that succeeded at this attempt.'),
          died: z.int().describe('Jobs that failed for good at it.'),
          trying: z.int().describe('Jobs that failed at it and have not ended their next attempt.'),
        }),
      )
      .length(11),
  })
  .meta({ id: 'RetryMetrics' })
export type RetryMetrics = z.output<typeof RetryMetrics>

/** Minutes of a window such as `5m` or `6h`. */
export const minutesIn = (window: string): number => Number.parseInt(window, 10) * (window.endsWith('h') ? 60 : 1)

export const RetryMetricsQuery = z.strictObject({
  window: z
    .string()
    .regex(/^[1-9]\d{0,2}[mh]$/, 'must be minutes or hours, such as 5m or 6h')
    .refine((text) => minutesIn(text) <= RETRY_WINDOW_MAX_H * 60, `must be ${RETRY_WINDOW_MAX_H}h at most`)
    .default('5m')
    .describe('How far back, to the minute; 24h at most.'),
  to: Instant.optional().describe('Where the window ends; now unless given.'),
  queue: QueueName.optional(),
})

/** How many buckets a series has at most. */
const POINTS_MAX = 400

const Series = z.object({
  key: z.string(),
  label: z.string(),
  unit: z.enum(['jobs', 's', 'share', 'slots']),
  kind: z.enum(['sum', 'level']).describe('`sum`: what happened in a bucket; `level`: how things stood, or a mean.'),
  y: z
    .array(z.number().nullable())
    .max(POINTS_MAX)
    .describe('One for each of `x`; 0 where nothing happened, null where nothing is known.'),
})

export const Timeseries = z
  .object({
    from: Instant,
    to: Instant,
    step_s: z
      .int()
      .describe(
        'Width of a bucket: 5, above a quarter of an hour 15, above an hour 60, above six hours 300, above a day 1800, above a week 7200, above thirty days 21600; at least 60 where the span begins more than two hours ago, and 1800 where it begins more than three days ago.',
      ),
    partial_last: z.boolean().describe('True when the last bucket still fills.'),
    x: z.array(z.number()).max(POINTS_MAX).describe('Where each bucket begins, epoch ms, oldest first.'),
    series: z.array(Series).max(20),
    marks: z
      .array(z.object({ at: z.number(), kind: z.enum(['breaker_opened']), text: z.string() }))
      .max(50)
      .describe('What else happened; breakers for who may see them.'),
    totals: z.record(z.string(), z.number()).describe('Each series of the kind `sum` added up.'),
    truncated: z.boolean().describe('True when the span began earlier than can be told; its later part is told.'),
  })
  .meta({ id: 'Timeseries' })
export type Timeseries = z.output<typeof Timeseries>

const METRICS = [
  'retry_waste',
  'dlq',
  'outcomes',
  'success_rate',
  'latency',
  'wait',
  'duration_hist',
  'backlog',
  'slots',
  'webhook_deliveries',
] as const

const isoInstant = z.iso.datetime({ offset: true })

export const TimeseriesQuery = z
  .strictObject({
    metric: z
      .enum(METRICS)
      .describe(
        '`retry_waste`: retries by kind of error, seconds of worker time that failed attempts took, mean wait before a retry. `dlq`: dead letters that came (`added`), that were resubmitted or discarded (`left`), and that lay there at the end of each bucket (`open`). `outcomes`: attempts by how they ended. `success_rate`: shares of the jobs that ended, with how many did. `latency`: percentiles of waits and runs. `wait`: quartiles of waits by priority over the whole span, as one bucket. `duration_hist`: runs by how long they took, each series twice as long as the one before. `backlog`: jobs in line in the five longest lines, and how long the first has waited. `slots`: jobs that run, and how many could; of all queues. `webhook_deliveries`: attempts by what endpoints answered, and 95 of 100 took no longer; of all endpoints.',
      ),
    group_by: z
      .enum(['fingerprint'])
      .optional()
      .describe('Only with `dlq`: in place of `added` the five groups of which most came, and `others`.'),
    queue: many(QueueName),
    from: isoInstant
      .optional()
      .describe('An hour before `to` unless given; what is more than 90 days ago is left out.'),
    to: isoInstant.optional().describe('Now unless given.'),
  })
  .refine(({ metric, group_by }) => group_by === undefined || metric === 'dlq', {
    path: ['group_by'],
    message: 'belongs to the metric dlq',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })

export const metrics = {
  prometheus: endpoint({
    method: 'GET',
    path: '/metrics',
    at: 'root',
    operationId: 'getPrometheusMetrics',
    summary: 'Figures for Prometheus, in its text format; those of the installation are at most five seconds old',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    replies: { 200: z.string() },
    replyType: 'text/plain; version=0.0.4; charset=utf-8',
    problems: [],
  }),
  timeseries: endpoint({
    method: 'GET',
    path: '/stats/timeseries',
    operationId: 'getTimeseries',
    summary: 'One metric over time, in buckets',
    description:
      'Counted by five seconds, the minute, half hour or quarter of a day, over the queues the caller may see. Words of errors are told to who may read dead letters (`recovery:read`); others see groups by their id.',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    query: TimeseriesQuery,
    replies: { 200: Timeseries },
    problems: [],
  }),
  retry: endpoint({
    method: 'GET',
    path: '/metrics/retry',
    operationId: 'getRetryMetrics',
    summary: 'How retries went in the last minutes',
    description:
      'A retry is an attempt after the first one; `attempts` are those that ended in the window. Counted by the minute, the running one included, over the queues the caller may see.',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    query: RetryMetricsQuery,
    replies: { 200: RetryMetrics },
    problems: [],
  }),
  overview: endpoint({
    method: 'GET',
    path: '/stats/overview',
    operationId: 'getOverview',
    summary: 'The state of everything in one answer',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    query: z.strictObject({ as_of: AsOf }),
    replies: { 200: Overview },
    problems: [MomentNotKept],
  }),
}
