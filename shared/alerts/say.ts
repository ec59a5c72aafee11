// Alerts in words: one sentence that says what is so.
import type { AlertDraft } from './words.ts'

const jobs = (count: number): string => (count === 1 ? '1 job' : `${count.toLocaleString('en')} jobs`)
const duration = (s: number): string =>
  s < 120 ? `${s} s` : s < 7_200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3_600)} h`
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The sentence of an alert, with its worst value once it measures nothing any more. */
export const titleOf = ({
  rule,
  subject: { label, queue },
  value,
  worst,
}: Pick<AlertDraft, 'rule' | 'subject' | 'value' | 'worst'>): string => {
  const amount = value ?? worst
  switch (rule) {
    case 'failure_rate_high':
    case 'failure_rate_critical':
      return `${percent(amount)} of the jobs of ${label} fail`
    case 'run_time_slow':
    case 'run_time_very_slow':
      return `${label} in ${queue ?? ''} takes ${amount} times as long as usual`
    case 'backlog_growing':
      return `${label} has ${jobs(amount)} more waiting than ten minutes ago`
    case 'oldest_waiting':
      return `The next job of ${label} has waited ${duration(amount)}`
    case 'dead_letters_growing':
      return `${jobs(amount)} of ${label} died in ten minutes`
    case 'breaker_open':
      return `The breaker of ${label} has kept calls back for ${duration(amount)}`
    case 'schedule_late':
      return `The schedule ${label} is ${duration(amount)} late`
    case 'no_worker':
      return `${label} has no worker while ${amount === 1 ? '1 job waits' : `${jobs(amount)} wait`}`
    case 'webhook_failing':
      return `The webhook ${label} failed ${amount} times in a row`
    default:
      rule satisfies never
      throw new Error('unreachable')
  }
}
