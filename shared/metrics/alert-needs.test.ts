// Alerts among what needs a person: each trouble once, and none that somebody looks after.
import { expect, test } from 'vitest'
import { sameAs, withAlerts } from './alert-needs.ts'
import type { FiringAlert, FoundNeed } from './alert-needs.ts'
import { verdictOf } from './verdict.ts'

const NOW = 3_600_000
const alert = (rule: string, queue: string, more: Partial<FiringAlert> = {}): FiringAlert => ({
  ...{ id: `al_${rule}_${queue}`, rule_id: rule, severity: 'warning', title: `${rule} of ${queue}` },
  subject: { kind: 'queue', id: queue, label: queue, queue },
  ...{ value: 0.3, samples: 100, unit: 'share', fired_at: '1970-01-01T00:57:00.000Z' },
  ...{ acknowledged: null, silence: null },
  ...more,
})
const need = (kind: FoundNeed['kind'], same?: string): FoundNeed => ({
  ...{ kind, title: kind, detail: '', weight: 100, link: '/', action: 'Show' },
  ...(same === undefined ? {} : { same }),
})
const say = (found: FoundNeed[], firing: FiringAlert[]) =>
  withAlerts(found, firing, NOW).needs.map(({ title, alert: told }) => `${title}${told ? ` [${told.id}]` : ''}`)

test('an alert is a need with its severity, since when, and where to go on', () => {
  expect(withAlerts([], [alert('failure_rate_high', 'mail')], NOW).needs).toEqual([
    {
      ...{ kind: 'alert', title: 'failure_rate_high of mail', detail: 'Warning. For 3 min.', weight: 20 + 5 * 30 },
      ...{ link: '/jobs?q=queue%3Amail%20state%3Afailed', action: 'Show jobs' },
      alert: { id: 'al_failure_rate_high_mail', rule_id: 'failure_rate_high', severity: 'warning' },
    },
  ])
})

test('what is amiss with a queue itself leads to its page, whatever its name', () => {
  const { needs } = withAlerts([], [alert('backlog_growing', 'a/b c')], NOW)
  expect(needs[0]).toMatchObject({ link: '/queues/a%2Fb%20c', action: 'Show jobs' })
})

test('what is told already is told once, and can be looked after there', () => {
  const found = [need('no_worker', sameAs('no_worker', 'mail'))]
  expect(say(found, [alert('no_worker', 'mail'), alert('no_worker', 'sms')])).toEqual([
    'no_worker of sms [al_no_worker_sms]',
    'no_worker [al_no_worker_mail]',
  ])
})

test('the stricter of two rules tells, and dead letters of a failing queue are the same trouble', () => {
  const firing = ['failure_rate_high', 'failure_rate_critical', 'dead_letters_growing'].map((rule) =>
    alert(rule, 'mail'),
  )
  expect(say([need('failure_rate')], [...firing, alert('dead_letters_growing', 'sms')])).toEqual([
    'failure_rate_critical of mail [al_failure_rate_critical_mail]',
    'dead_letters_growing of sms [al_dead_letters_growing_sms]',
  ])
})

test('many open breakers stay one need', () => {
  const subject = { kind: 'service', id: 'smtp', label: 'smtp', queue: null }
  expect(say([need('breaker_open')], [alert('breaker_open', '', { subject, unit: 's' })])).toEqual(['breaker_open'])
})

test('what somebody acknowledged or silenced needs nobody, and the verdict says that it is looked after', () => {
  const by = { by: 'Ada' }
  const found = [need('no_worker', sameAs('no_worker', 'mail'))]
  const firing = [alert('no_worker', 'mail', { acknowledged: by }), alert('backlog_growing', 'sms', { silence: by })]
  const { needs, handled } = withAlerts(found, firing, NOW)
  expect(needs).toEqual([])
  expect(verdictOf(needs, handled)).toBe('Nothing else needs you. Two things are looked after.')
  expect(verdictOf([need('dead_letters')], 1)).toBe('One thing needs you. One thing is looked after. Everything else is on time.') // prettier-ignore
})
