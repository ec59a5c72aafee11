// From every chart of what a rule measures there is a way to that rule, under its own name and to the time that is shown.
import { expect, test } from 'vitest'
import { ruleKinds } from '../../../shared/alerts/catalogue.ts'
import { RULE_IDS } from '../../../shared/alerts/words.ts'
import { longRangeOf, longScope, scopeOf } from '../../charts/scope.ts'
import { rangeOf } from '../../shell/range.ts'
import { spanIn } from '../alert-rule/span.ts'
import { alertHours, alertOffers, rulesOf, titles } from './alert-rules.ts'
import { ids } from './model.ts'

test('every rule is offered by a chart, and nothing that is no rule', () => {
  const offered = new Set(ids.flatMap((id) => alertOffers(id)).map(({ rule }) => rule))
  expect([...offered].toSorted()).toEqual([...RULE_IDS].toSorted())
  expect(Object.keys(rulesOf).toSorted()).toEqual([...ids].toSorted())
})

test('rules are called as they call themselves', () => {
  expect(titles).toEqual(Object.fromEntries([...ruleKinds].map(([id, { title }]) => [id, title])))
})

test('one rule needs no name, two are told apart, and some charts offer none', () => {
  expect(alertOffers('dead-letters')).toEqual([{ rule: 'dead_letters_growing', label: 'Alert on this…' }])
  expect(alertOffers('backlog').map(({ label }) => label)).toEqual(['Alert on “A backlog grows”…', 'Alert on “A queue is late”…']) // prettier-ignore
  expect(alertOffers('retry-waste')).toEqual([])
})

test('the rule is tested on the time that is shown, of more than a day on the last one', () => {
  const scope = scopeOf(() => undefined, rangeOf('15m'), 'UTC')
  expect(alertHours(scope)).toBe('above')
  expect(alertHours(longScope(scope, longRangeOf('30d')))).toBe('24')
  expect(spanIn(alertHours(scope))).toBe('above')
})
