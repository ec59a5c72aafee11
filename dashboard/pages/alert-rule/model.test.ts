// A rule as a form, its series as a picture, and what other limits would have done.
import { describe, expect, test } from 'vitest'
import type { AlertRule, AlertSeries } from '../../../shared/alerts/contract.ts'
import { scopeOf } from '../../charts/scope.ts'
import { rangeOf } from '../../shell/range.ts'
import { draftOf, fieldNames, fieldsOf, limitsIn, patchOf, stateLine, usualDraft } from './model.ts'
import { backTest, backTestWords, drawingOf, pathOf, readingOf } from './series.ts'
import { queryOf, spanIn, whenOf } from './span.ts'

const settings = { enabled: true, severity: 'warning', threshold: 0.05, for_s: 0, resolve_after_s: 60, min_samples: 20 } as const // prettier-ignore
const rule: AlertRule = {
  ...{ id: 'failure_rate_high', title: 'Jobs fail', description: '', subject: 'queue', unit: 'share' },
  ...settings,
  ...{ defaults: settings, changed: [], firing: 0, pending: 0, updated_at: null, updated_by: null, version: 0 },
}

describe('the form', () => {
  test('shows shares in percent, and sends only what changed', () => {
    expect(draftOf(rule)).toEqual({ enabled: 'on', severity: 'warning', threshold: '5', for_s: '0', resolve_after_s: '60', min_samples: '20' }) // prettier-ignore
    expect(patchOf(draftOf(rule), rule)).toEqual({ patch: {}, errors: {} })
    expect(patchOf({ ...draftOf(rule), threshold: '12.5', enabled: 'off' }, rule).patch).toEqual({ threshold: 0.125, enabled: false }) // prettier-ignore
  })
  test('gives back what is as usual again', () => {
    const changed = { ...rule, threshold: 0.2 }
    expect(patchOf(usualDraft(changed), changed).patch).toEqual({ threshold: null })
  })
  test('says what is not right, and then looks at nothing', () => {
    const draft = { ...draftOf(rule), threshold: '200', for_s: 'x' }
    expect(patchOf(draft, rule).errors).toEqual({ threshold: 'Must be from 0 to 100.', for_s: 'Must be a number.' })
    expect(limitsIn(draft, rule)).toBeUndefined()
    expect(limitsIn(draftOf(rule), rule)).toEqual({ threshold: 0.05, for_s: 0 })
  })
  test('asks for samples only where there are some', () => {
    const counting = { ...rule, unit: 'jobs' as const, defaults: { ...settings, min_samples: null } }
    expect(fieldsOf(counting).map(({ id }) => id)).not.toContain('min_samples')
    expect(fieldNames(['threshold', 'enabled'], rule)).toBe('“Fires above”, “On”')
  })
})

test('the first line says how it stands', () => {
  expect(stateLine(rule)).toBe('Nothing fires. Above 5 % of at least 20 jobs.')
  expect(stateLine({ ...rule, firing: 2 })).toMatch(/^2 alerts fire\./)
  expect(stateLine({ ...rule, enabled: false, firing: 2 })).toBe('Turned off: nothing of it is told.')
})

const subject = (id: string) => ({ kind: 'queue' as const, id, label: id, queue: id })
const told: AlertSeries = {
  ...{ rule_id: 'failure_rate_high', from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:04:00.000Z', step_s: 60 },
  x: [0, 60_000, 120_000, 180_000],
  series: [
    { subject: subject('mail'), y: [0.2, 0.2, null, 0.1] },
    { subject: subject('sms'), y: [null, 0.01, 0.01, 0.01] },
  ],
  alerts: [
    {
      ...{ id: 'al_1', subject: subject('mail'), state: 'resolved', since: '1970-01-01T00:00:00.000Z' },
      ...{ fired_at: '1970-01-01T00:01:00.000Z', resolved_at: '1970-01-01T00:02:00.000Z' },
    },
  ],
}

describe('the picture', () => {
  const drawing = drawingOf(told, 0.05, 'share')
  test('breaks a line where nothing was measured', () => {
    expect(drawing.lines[0]?.runs.map((run) => run.length)).toEqual([2, 1])
    expect(pathOf(drawing.lines[0]?.runs[0] ?? [])).toBe('M125.0 0.00L375.0 0.00')
  })
  test('shades the time before it fired apart from the time it fired', () => {
    expect(drawing.bands.map(({ state, x, width }) => [state, x, width])).toEqual([
      ['pending', 0, 0.25],
      ['firing', 0.25, 0.25],
    ])
  })
  test('has the threshold on a round scale', () => {
    expect(drawing.threshold).toBe(0.75)
    expect(drawing.ticks.map(({ label }) => label)).toEqual(['0 %', '5 %', '10 %', '15 %', '20 %'])
    expect(drawingOf({ ...told, series: [] }, 0, 'jobs').ticks.map(({ label }) => label)).toEqual(['0 jobs', '1 job'])
  })
  test('is told in a sentence', () => {
    expect(readingOf(told, 'in the last 1 h', 'share')).toBe('Worst was mail with 20 % in the last 1 h. It fired once.')
    expect(readingOf({ ...told, series: [], alerts: [] }, 'in the last 6 h', 's')).toBe(
      'Nothing was measured in the last 6 h.',
    )
    expect(readingOf({ ...told, x: [], series: [], alerts: [] }, 'then', 's')).toMatch(/^What rules measure is kept for a day/) // prettier-ignore
  })
  test('counts what fired until its end only', () => {
    expect(readingOf({ ...told, to: '1970-01-01T00:00:30.000Z' }, 'then', 'share')).toMatch(/It did not fire\.$/)
  })
})

test.each([
  [0.05, 0, 2],
  [0.05, 60, 1],
  [0.15, 0, 1],
  [0.5, 0, 0],
  [0.05, 600, 0],
])('above %s for %s s it would have fired %s times', (threshold, for_s, times) => {
  expect(backTest(told, { threshold, for_s })).toBe(times)
})
test('which is said', () => {
  expect(backTestWords(0, 'in the last 6 h')).toBe('With these limits it would not have fired in the last 6 h.')
  expect(backTestWords(2, 'from 10:00 to 10:15')).toBe(
    'With these limits it would have fired twice from 10:00 to 10:15.',
  )
})

describe('the time that is looked at', () => {
  const now = Date.UTC(2026, 10, 26, 10, 30)
  const chosen = { from: '2026-11-26T10:00:00.000Z', to: '2026-11-26T10:15:00.000Z' }
  const scopeIn = (search: Record<string, string>) => scopeOf((name) => search[name], rangeOf('1h'), 'UTC', now)
  test('is six hours, or what the link says', () => {
    expect([undefined, '24', 'above', 'nonsense'].map(spanIn)).toEqual(['6', '24', 'above', '6'])
    expect(queryOf('24', scopeIn(chosen), now)).toEqual({ hours: 24 })
    expect(whenOf('24', scopeIn(chosen), told, now)).toBe('in the last 24 h')
  })
  test('can be that of the page above, live or two moments', () => {
    expect(queryOf('above', scopeIn({ t: '15m' }), now)).toEqual({ from: '2026-11-26T10:15:00.000Z' })
    expect(whenOf('above', scopeIn({ t: '15m' }), told, now)).toBe('in the last 15 m')
    expect(queryOf('above', scopeIn(chosen), now)).toEqual(chosen)
    // In words of what was kept of it.
    expect(whenOf('above', scopeIn({ ...chosen, from: '2026-11-20T10:00:00.000Z' }), chosen, now)).toBe('from 10:00 to 10:15') // prettier-ignore
  })
})
