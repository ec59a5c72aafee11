// Alerts and rules in words, and what is shown first.
import { expect, test } from 'vitest'
import type { Alert, AlertRule } from '../../../shared/alerts/contract.ts'
import { againstWords, handledWords, inState, limitWords, ruleState, summaryWords, untilIn, valueWords, withCounts } from './model.ts' // prettier-ignore

const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  ...{ id, rule_id: 'failure_rate_high', state: 'firing', severity: 'warning', title: id },
  subject: { kind: 'queue', id: 'mail', label: 'mail', queue: 'mail' },
  ...{ value: 0.3, worst: 0.4, threshold: 0.05, unit: 'share', samples: 100, since: '2026-11-22T10:00:00.000Z' },
  ...{ fired_at: '2026-11-22T10:00:00.000Z', resolved_at: null, clear_since: null, acknowledged: null, silence: null },
  version: 1,
  ...more,
})
const acknowledged = { by: 'Ada', at: '2026-11-22T10:01:00.000Z', note: 'restarting' }
const silence = { until: '2026-11-22T12:00:00.000Z', by: 'Bo', at: '2026-11-22T10:01:00.000Z', reason: null }

test.each([
  [0.124, 'share', '12.4 %'],
  [0.05, 'share', '5 %'],
  [1, 'share', '100 %'],
  [2.25, 'ratio', '2.25 × as usual'],
  [1, 'jobs', '1 job'],
  [12_000, 'jobs', '12,000 jobs'],
  [360, 's', '6 min'],
  [7, 'failures', '7 failures'],
  [null, 's', '–'],
] as const)('%s %s reads %s', (value, unit, words) => expect(valueWords(value, unit)).toBe(words))

test('a rule says from where on it fires', () => {
  expect(limitWords({ threshold: 0.1, unit: 'share', for_s: 120, min_samples: 20 })).toBe('Above 10 % of at least 20 jobs, for 2 min') // prettier-ignore
  expect(limitWords({ threshold: 0, unit: 'jobs', for_s: 0, min_samples: null })).toBe('Above 0 jobs')
})

test('the page says how many fire, how many of those somebody looks after, and what is coming', () => {
  expect(summaryWords([])).toBe('No alert fires.')
  expect(summaryWords([alert('a', { state: 'pending' }), alert('b', { state: 'resolved' })])).toBe('No alert fires. 1 is pending.') // prettier-ignore
  expect(summaryWords([alert('a'), alert('b', { acknowledged })])).toBe('2 alerts fire. 1 is looked after.')
})

test('who looks after it, and until when it is silent, is said', () => {
  const now = Date.parse('2026-11-22T10:05:00.000Z')
  expect(handledWords(alert('a', { acknowledged, silence }), now, 'UTC')).toBe(
    'Acknowledged by Ada: restarting · Silenced by Bo until 12:00:00',
  )
  expect(handledWords(alert('a'), now)).toBe('')
})

test('the value stands beside its threshold, and the worst once it is over', () => {
  expect(againstWords(alert('a'))).toBe('30 % of 100 jobs, threshold 5 %')
  expect(againstWords(alert('a', { value: null }))).toBe('Worst 40 %, threshold 5 %')
})

test('those that need somebody come first, critical before others, then the newest', () => {
  const list = [
    alert('old', { fired_at: '2026-11-22T09:00:00.000Z' }),
    alert('looked after', { severity: 'critical', acknowledged }),
    alert('new'),
    alert('critical', { severity: 'critical', fired_at: '2026-11-22T08:00:00.000Z' }),
    alert('over', { state: 'resolved' }),
  ]
  expect(inState(list, 'firing').map(({ id }) => id)).toEqual(['critical', 'new', 'old', 'looked after'])
})

test('a rule stands as its alerts do that are known now', () => {
  const rule = { id: 'failure_rate_high', enabled: true, firing: 0, pending: 0 } as AlertRule
  expect(ruleState(withCounts(rule, undefined))).toEqual({ state: 'quiet' })
  expect(ruleState(withCounts(rule, [alert('a'), alert('b', { state: 'pending' })]))).toEqual({ state: 'firing', word: '1 firing' }) // prettier-ignore
  expect(ruleState({ ...rule, enabled: false, firing: 2 })).toEqual({ state: 'disabled' })
})

test('a silence ends so long after now', () => expect(untilIn('900', 0)).toBe('1970-01-01T00:15:00.000Z'))
