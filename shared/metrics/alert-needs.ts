// Firing alerts among what needs a person: joined with what is told of the same thing already, and left out where somebody looks after it.
import type { Need } from './contract.ts'

/** An alert that fires, as the verdict knows it. */
export interface FiringAlert {
  id: string
  rule_id: string
  severity: 'warning' | 'critical'
  title: string
  subject: { kind: string; id: string; label: string; queue: string | null }
  value: number | null
  samples: number | null
  unit: string
  fired_at: string | null
  acknowledged: object | null
  silence: object | null
}

/** A need, and the alert that tells of the same thing: its rule and subject. */
export type FoundNeed = Omit<Need, 'alert'> & { same?: string }

export const sameAs = (rule: string, subject: string): string => `${rule}|${subject}`

/** Rules that judge the same; of these the first that fires is told. */
const STRICTER: Readonly<Record<string, string>> = {
  failure_rate_high: 'failure_rate_critical',
  run_time_slow: 'run_time_very_slow',
}
/** Dead letters of a queue most of whose jobs fail are the same trouble. */
const FAILING = ['failure_rate_critical', 'failure_rate_high']
const isFailing = ({ rule_id }: FiringAlert): boolean => FAILING.includes(rule_id)

const SEVERITY_WEIGHT = { critical: 200, warning: 20 }

/** Nobody looks after it, and it may be heard. */
export const isOpen = ({ acknowledged, silence }: Pick<FiringAlert, 'acknowledged' | 'silence'>): boolean =>
  acknowledged === null && silence === null

/** How many jobs it is about, as far as that is known. */
const affected = ({ unit, value, samples }: FiringAlert): number =>
  unit === 'jobs' ? (value ?? 0) : unit === 'share' ? Math.round((value ?? 0) * (samples ?? 0)) : 0

const encoded = encodeURIComponent

/** A queue's page shows its jobs also where they were made before k1n, and names of queues may hold anything. */
export const pageOfQueue = (name: string): string => `/queues/${encoded(name)}`

/** Where one goes on from an alert. */
const placeOf = ({ subject: { kind, id, label, queue }, rule_id }: FiringAlert): { link: string; action: string } => {
  switch (kind) {
    case 'service':
      return { link: `/breakers/${encoded(id)}`, action: 'Open breaker' }
    case 'schedule':
      return { link: `/schedules/${encoded(id)}`, action: 'Open schedule' }
    case 'webhook':
      return { link: `/webhooks/${encoded(id)}`, action: 'Open endpoint' }
    default: {
      if (rule_id === 'dead_letters_growing') return { link: '/dlq', action: 'Triage' }
      if (kind === 'queue' && !FAILING.includes(rule_id)) return { link: pageOfQueue(id), action: 'Show jobs' }
      const failed = FAILING.includes(rule_id) ? ' state:failed' : ''
      const name = kind === 'job' ? ` name:${label}` : ''
      return { link: `/jobs?q=${encoded(`queue:${queue ?? id}${name}${failed}`)}`, action: 'Show jobs' }
    }
  }
}

const ago = (fired: string | null, now: number): string => {
  const minutes = fired === null ? 0 : Math.max(0, Math.round((now - Date.parse(fired)) / 60_000))
  return minutes < 1
    ? 'For less than a minute.'
    : `For ${minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`}.`
}

const needOf = (alert: FiringAlert, now: number): Need => ({
  kind: 'alert',
  title: alert.title,
  detail: `${alert.severity === 'critical' ? 'Critical' : 'Warning'}. ${ago(alert.fired_at, now)}`,
  weight: SEVERITY_WEIGHT[alert.severity] + 5 * affected(alert),
  ...placeOf(alert),
  alert: { id: alert.id, rule_id: alert.rule_id, severity: alert.severity },
})

/** Whether a stricter alert tells of the same. */
const isTold = (alert: FiringAlert, all: readonly FiringAlert[]): boolean =>
  all.some(
    (other) =>
      (other.subject.id === alert.subject.id && other.rule_id === STRICTER[alert.rule_id]) ||
      (alert.rule_id === 'dead_letters_growing' && isFailing(other) && other.subject.id === alert.subject.id),
  )

/** What needs a person, and how much somebody looks after already. */
export const withAlerts = (
  found: readonly FoundNeed[],
  firing: readonly FiringAlert[],
  now: number,
): { needs: Need[]; handled: number } => {
  const alerts = firing.filter((alert) => !isTold(alert, firing))
  const places = new Map(alerts.map((alert) => [sameAs(alert.rule_id, alert.subject.id), alert]))
  const joined = new Set<FiringAlert>()
  const needs = found.flatMap(({ same, ...need }): Need[] => {
    // What fails is told by its queue where that is known.
    if (need.kind === 'failure_rate' && alerts.some(isFailing)) return []
    const alert = same === undefined ? undefined : places.get(same)
    if (alert === undefined) return [{ ...need, alert: null }]
    joined.add(alert)
    return isOpen(alert) ? [{ ...need, alert: { id: alert.id, rule_id: alert.rule_id, severity: alert.severity } }] : []
  })
  // Many open breakers are one need that names all of them.
  const isCovered = ({ subject }: FiringAlert): boolean =>
    subject.kind === 'service' && found.some(({ kind, same }) => kind === 'breaker_open' && same === undefined)
  const others = alerts.filter((alert) => !joined.has(alert) && isOpen(alert) && !isCovered(alert))
  return {
    needs: [...needs, ...others.map((alert) => needOf(alert, now))].sort((a, b) => b.weight - a.weight),
    handled: alerts.filter((alert) => !isOpen(alert)).length,
  }
}
