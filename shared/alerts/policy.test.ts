// What one look makes of an alert: for how long, how many samples, told once, silent, back, and gone.
import { describe, expect, test } from 'vitest'
import { GAP_MS, begun, goOn } from './policy.ts'
import type { Circumstances, Sample } from './policy.ts'
import type { AlertDraft, RuleSettings } from './words.ts'

const rule: RuleSettings = {
  enabled: true,
  severity: 'critical',
  threshold: 0.1,
  for_s: 120,
  resolve_after_s: 60,
  min_samples: 20,
}
const subject = { kind: 'queue' as const, id: 'mail', label: 'mail', queue: 'mail' }
const sample = (value: number, samples: number | null = 100): Sample => ({ subject, value, samples })
const at = (s: number, more: Partial<Circumstances> = {}): Circumstances => ({
  now: s * 1_000,
  lookedAt: (s - 15) * 1_000,
  silence: undefined,
  ...more,
})
const look = (before: AlertDraft | undefined, value: Sample | undefined, when: Circumstances, by = rule) =>
  goOn(by, before, value, when, (of) => begun('al_1', 'failure_rate_critical', by, of, when.now))

/** The alert after looks at these seconds, all of them above. */
const after = (...seconds: number[]): AlertDraft => {
  let alert: AlertDraft | undefined
  for (const s of seconds) alert = look(alert, sample(0.3), at(s))?.next ?? alert
  if (alert === undefined) throw new Error('no alert')
  return alert
}
const every15 = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 15 + 1 }, (_, n) => from + n * 15)
const firing = after(...every15(0, 120))

describe('what counts', () => {
  test.each([
    ['a share above the threshold', sample(0.11), true],
    ['exactly the threshold', sample(0.1), false],
    ['one of two jobs', sample(0.5, 2), false],
    ['just too few samples', sample(0.5, 19), false],
    ['just enough samples', sample(0.5, 20), true],
    ['what is counted and not sampled', sample(0.5, null), true],
    ['nothing', undefined, false],
  ])('%s', (_name, value, begins) => {
    expect(look(undefined, value, at(0)) !== undefined).toBe(begins)
  })
  test('a rule that is off says nothing', () => {
    expect(look(undefined, sample(1), at(0), { ...rule, enabled: false })).toBeUndefined()
  })
})

describe('for how long', () => {
  test('it is pending until its time is over, then fires and is told', () => {
    expect(after(0)).toMatchObject({ state: 'pending', since: 0, told: false, firedAt: null })
    expect(after(...every15(0, 105)).state).toBe('pending')
    expect(look(after(...every15(0, 105)), sample(0.4), at(120))).toEqual({
      next: expect.objectContaining({ state: 'firing', firedAt: 120_000, told: true, worst: 0.4 }) as AlertDraft,
      tells: 'firing',
    })
  })
  test('a rule that does not wait fires at the first look', () => {
    expect(look(undefined, sample(1), at(0), { ...rule, for_s: 0 })?.tells).toBe('firing')
  })
  test('one that was back meanwhile begins anew', () => {
    expect(look(after(0, 15), sample(0.01), at(30))).toEqual({ next: undefined })
  })
  test('it begins anew where nobody looked for minutes, as it may have been back', () => {
    const late = at(600, { lookedAt: 600_000 - GAP_MS - 1 })
    expect(look(after(0, 15), sample(0.3), late)?.next).toMatchObject({ state: 'pending', since: 600_000 })
    expect(look(after(0, 15), sample(0.3), at(600, { lookedAt: 600_000 - GAP_MS }))?.next?.state).toBe('firing')
  })
})

describe('while it fires', () => {
  test('it is not told again, and nothing changes while nothing does', () => {
    expect(look(firing, sample(0.3), at(135))).toBeUndefined()
    expect(look(firing, sample(0.2), at(135))).toEqual({ next: { ...firing, value: 0.2, worst: 0.3 } })
  })
  test('it is resolved once its value has been back for a minute, and told', () => {
    const back = look(firing, sample(0.05), at(150))
    expect(back?.next).toMatchObject({ state: 'firing', clearSince: 150_000, value: 0.05 })
    expect(look(back?.next, undefined, at(195))?.next).toMatchObject({ clearSince: 150_000, value: null })
    expect(look(back?.next, sample(0.05), at(210))).toMatchObject({
      next: undefined,
      ended: { state: 'resolved', resolvedAt: 210_000, worst: 0.3 },
      tells: 'resolved',
    })
  })
  test('one that is back for a moment goes on', () => {
    const back = look(firing, sample(0.05), at(150))?.next
    expect(look(back, sample(0.5), at(165))?.next).toMatchObject({ state: 'firing', clearSince: null, worst: 0.5 })
  })
  test('it ends at once when its rule is turned off', () => {
    expect(look(firing, sample(0.5), at(135), { ...rule, enabled: false })?.ended?.state).toBe('resolved')
  })
  test('another threshold or severity holds from now on', () => {
    expect(look(firing, sample(0.3), at(135), { ...rule, threshold: 0.2, severity: 'warning' })?.next).toMatchObject({
      threshold: 0.2,
      severity: 'warning',
    })
  })
})

describe('silence', () => {
  const silence = { until: 1_000_000, by: 'Ada', at: 0, reason: null }
  const unheard = look(after(...every15(0, 105)), sample(0.3), at(120, { silence }))

  test('it fires and is not told, nor that it is resolved', () => {
    expect(unheard).toEqual({ next: expect.objectContaining({ state: 'firing', told: false }) as AlertDraft })
    const back = { ...(unheard?.next as AlertDraft), clearSince: 0 }
    expect(look(back, undefined, at(200, { silence }))).not.toHaveProperty('tells')
  })
  test('what still fires when it ends is told then', () => {
    expect(look(unheard?.next, sample(0.3), at(1_000, { silence }))?.tells).toBe('firing')
  })
  test('what was told before is told to be resolved', () => {
    expect(look({ ...firing, clearSince: 0 }, undefined, at(200, { silence }))?.tells).toBe('resolved')
  })
})
