// Which rules of alerts judge what a chart shows, and where their pages look to test them on it.
import type { RuleId } from '../../../shared/alerts/words.ts'
import { longRanges, type Scope } from '../../charts/scope.ts'
import type { ChartId } from './model.ts'

/** What they are called, as the rules themselves say it. */
export const titles: Record<RuleId, string> = {
  failure_rate_high: 'Jobs fail',
  failure_rate_critical: 'Many jobs fail',
  run_time_slow: 'Jobs take longer than usual',
  run_time_very_slow: 'Jobs take much longer than usual',
  backlog_growing: 'A backlog grows',
  oldest_waiting: 'A queue is late',
  dead_letters_growing: 'Dead letters grow',
  breaker_open: 'A breaker is open',
  schedule_late: 'A schedule is late',
  no_worker: 'A queue has no worker',
  webhook_failing: 'A webhook fails',
}

const failing: readonly RuleId[] = ['failure_rate_high', 'failure_rate_critical']
const slow: readonly RuleId[] = ['run_time_slow', 'run_time_very_slow']

/** None for charts of what no rule measures: retries, ages of dead letters, waits by priority. */
export const rulesOf: Record<ChartId, readonly RuleId[]> = {
  outcomes: failing,
  success: failing,
  'dead-letters': ['dead_letters_growing'],
  'breaker-states': ['breaker_open'],
  'retry-waste': [],
  'retry-attempts': [],
  'wait-time': ['oldest_waiting'],
  'run-time': slow,
  backlog: ['backlog_growing', 'oldest_waiting'],
  slots: ['no_worker'],
  'wait-by-priority': [],
  'duration-map': slow,
  'schedule-history': ['schedule_late'],
  'dead-letter-ages': [],
  'webhook-deliveries': ['webhook_failing'],
}

/** What the menu of a chart offers: by name where there are several. */
export const alertOffers = (id: ChartId): { rule: RuleId; label: string }[] => {
  const rules = rulesOf[id]
  return rules.map((rule) => ({ rule, label: rules.length === 1 ? 'Alert on this…' : `Alert on “${titles[rule]}”…` }))
}

/** The span of a rule's page, as its link says it: the one above, but a day where a chart shows more, as no more is kept. */
export const alertHours = ({ range }: Scope): string =>
  longRanges.some(({ value }) => value === range.value) ? '24' : 'above'
