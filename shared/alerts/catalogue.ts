// The rules there are: what each measures, about what, and from where on it says so unless somebody says otherwise.
import type { RuleId, RuleSettings, SubjectKind, Unit } from './words.ts'

/** What is measured; several rules may judge the same. */
export type Metric =
  | 'failure_rate'
  | 'run_time'
  | 'backlog'
  | 'oldest_waiting'
  | 'dead_letters'
  | 'breaker'
  | 'schedule'
  | 'no_worker'
  | 'webhook'

export interface RuleKind {
  readonly id: RuleId
  readonly metric: Metric
  readonly title: string
  readonly description: string
  readonly subject: SubjectKind
  readonly unit: Unit
  readonly defaults: RuleSettings
}

const usual = { enabled: true, for_s: 0, resolve_after_s: 60, min_samples: null } as const

/** Samples below which nothing is said of shares and percentiles: one of two jobs is no alarm. */
const ENOUGH = 20

const failureRate = {
  metric: 'failure_rate',
  subject: 'queue',
  unit: 'share',
  description:
    'The share of jobs that died among those that ended in the last five minutes, in one queue. Attempts that are tried again are no failures.',
} as const
const runTime = {
  metric: 'run_time',
  subject: 'job',
  unit: 'ratio',
  description:
    'How long jobs of one name take (95th percentile of those that completed in the last five minutes), compared with the last 24 hours without the last one. Said only where those had 100 samples.',
} as const

const list: readonly RuleKind[] = [
  {
    ...failureRate,
    id: 'failure_rate_high',
    title: 'Jobs fail',
    defaults: { ...usual, severity: 'warning', threshold: 0.05, min_samples: ENOUGH },
  },
  {
    ...failureRate,
    id: 'failure_rate_critical',
    title: 'Many jobs fail',
    defaults: { ...usual, severity: 'critical', threshold: 0.1, for_s: 120, min_samples: ENOUGH },
  },
  {
    ...runTime,
    id: 'run_time_slow',
    title: 'Jobs take longer than usual',
    defaults: { ...usual, severity: 'warning', threshold: 1.5, for_s: 300, min_samples: ENOUGH },
  },
  {
    ...runTime,
    id: 'run_time_very_slow',
    title: 'Jobs take much longer than usual',
    defaults: { ...usual, severity: 'critical', threshold: 2, for_s: 300, min_samples: ENOUGH },
  },
  {
    id: 'backlog_growing',
    metric: 'backlog',
    subject: 'queue',
    unit: 'jobs',
    title: 'A backlog grows',
    description: 'How many jobs more came than ended in the last ten minutes, as far as they wait now, in one queue.',
    defaults: { ...usual, severity: 'warning', threshold: 100, for_s: 300 },
  },
  {
    id: 'oldest_waiting',
    metric: 'oldest_waiting',
    subject: 'queue',
    unit: 's',
    title: 'A queue is late',
    description:
      'How long the next job of a queue has waited. Queues that are paused, that have no worker or that wait for a breaker are told otherwise.',
    defaults: { ...usual, severity: 'warning', threshold: 300, for_s: 60 },
  },
  {
    id: 'dead_letters_growing',
    metric: 'dead_letters',
    subject: 'queue',
    unit: 'jobs',
    title: 'Dead letters grow',
    description: 'How many jobs of one queue died in the last ten minutes.',
    defaults: { ...usual, severity: 'warning', threshold: 10 },
  },
  {
    id: 'breaker_open',
    metric: 'breaker',
    subject: 'service',
    unit: 's',
    title: 'A breaker is open',
    description: 'How long the breaker of a service has kept calls from it, probes included.',
    defaults: { ...usual, severity: 'critical', threshold: 30 },
  },
  {
    id: 'schedule_late',
    metric: 'schedule',
    subject: 'schedule',
    unit: 's',
    title: 'A schedule is late',
    description: 'For how long the next time of a schedule has passed without anybody carrying it out.',
    defaults: { ...usual, severity: 'warning', threshold: 60 },
  },
  {
    id: 'no_worker',
    metric: 'no_worker',
    subject: 'queue',
    unit: 'jobs',
    title: 'A queue has no worker',
    description: 'How many jobs wait in a queue that runs and that nobody takes jobs from.',
    defaults: { ...usual, severity: 'critical', threshold: 0, for_s: 60 },
  },
  {
    id: 'webhook_failing',
    metric: 'webhook',
    subject: 'webhook',
    unit: 'failures',
    title: 'A webhook fails',
    description:
      'How many attempts at an endpoint have failed since one arrived. One that k1n disabled for that still fails.',
    defaults: { ...usual, severity: 'warning', threshold: 5 },
  },
]

export const ruleKinds: ReadonlyMap<RuleId, RuleKind> = new Map(list.map((kind) => [kind.id, kind]))

export const kindOf = (id: RuleId): RuleKind => {
  const kind = ruleKinds.get(id)
  if (kind === undefined) throw new Error(`there is no rule ${id}`)
  return kind
}
