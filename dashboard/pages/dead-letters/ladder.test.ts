// A ladder must ask for exactly what its form says, and say beforehand what a patch changes.
import { describe, expect, test } from 'vitest'
import { begun, emptyDraft, heldWords, readLadder, readSteps, startWords } from './ladder.ts'
import { readIgnore } from './decide.ts'
import { changesOf, readPatch } from './patch.ts'

describe('the form of a resubmission', () => {
  test('as it comes: one, ten, the rest at 20 a second, and a pause above half', () => {
    expect(readLadder(emptyDraft, ['abcd'])).toEqual({
      errors: {},
      body: {
        filter: { group: ['abcd'] },
        ladder: { steps: [1, 10], wait_ms: 60_000 },
        stop_if_failed_again: 0.5,
        delay_ms: 0,
        rate_per_s: 20,
      },
    })
  })

  test('all at once is as fast as it can, unless somebody chose a pace', () => {
    const atOnce = begun(emptyDraft, 'no')
    expect(atOnce.pace).toBe('')
    expect(begun(atOnce, 'yes')).toEqual(emptyDraft)
    expect(begun({ ...emptyDraft, pace: '5' }, 'no').pace).toBe('5')
  })

  test('all at once watches nothing and stops for nothing', () => {
    const { body } = readLadder({ ...emptyDraft, tries: 'no', pace: '', steps: 'x', queue: ' slow ', reason: 'fixed', delay: '2', patch: '{"a":null}' }, ['a', 'b']) // prettier-ignore
    expect(body).toEqual({
      filter: { group: ['a', 'b'] },
      ladder: null,
      stop_if_failed_again: null,
      delay_ms: 2_000,
      queue: 'slow',
      reason: 'fixed',
      data_patch: { a: null },
    })
  })

  test('names what is wrong at its field, and only where it matters', () => {
    const wrong = { ...emptyDraft, steps: '1, 900', pace: 'fast', stop: '120', wait: '0', delay: '-1', patch: '[1]' }
    expect(Object.keys(readLadder(wrong, ['a']).errors).sort()).toEqual(['delay', 'pace', 'patch', 'steps', 'stop', 'wait']) // prettier-ignore
    expect(Object.keys(readLadder({ ...wrong, tries: 'no' }, ['a']).errors).sort()).toEqual(['delay', 'pace', 'patch'])
    expect(readSteps('1;10 100')).toEqual({ value: [1, 10, 100] })
    expect(readSteps('')).toHaveProperty('error')
  })

  test('the button says what happens first', () => {
    expect(startWords(emptyDraft, { matched: 1_188, complete: true })).toBe('Start with 1')
    expect(startWords({ ...emptyDraft, tries: 'no' }, { matched: 1_188, complete: true })).toBe('Resubmit 1,188')
    expect(startWords({ ...emptyDraft, steps: '50' }, { matched: 12, complete: true })).toBe('Resubmit 12')
    expect(startWords({ ...emptyDraft, steps: '50' }, { matched: 12, complete: false })).toBe('Start with 50')
    expect(startWords({ ...emptyDraft, tries: 'no' }, { matched: 12, complete: false })).toBe('Resubmit at least 12')
  })
})

test('services that get no calls are named, as jobs that need them will wait', () => {
  expect(heldWords([])).toBe('')
  expect(heldWords(['smtp'])).toBe('No calls go to smtp now: jobs that need it are parked until the breaker closes.')
  expect(heldWords(['a', 'b', 'c', 'd', 'e'])).toContain('a, b, c, 2 more now: jobs that need them')
})

describe('a patch', () => {
  test('is an object, nothing, or told what is wrong', () => {
    expect(readPatch(' ')).toEqual({ value: undefined })
    expect(readPatch('{"a":1}')).toEqual({ value: { a: 1 } })
    expect(readPatch('[1]')).toHaveProperty('error')
    expect(readPatch('{"a"')).toHaveProperty('error')
    expect(readPatch('{"a":{"id":12345678901234567891}}')).toEqual({
      error: '12345678901234567891 has more digits than a number keeps; write it as text.',
    })
    expect(readPatch('{"id":"12345678901234567891","n":9007199254740992}')).toHaveProperty('value')
  })

  test('tells what it changes, puts in, takes out, and leaves', () => {
    const payload = { to: 'x', order: { id: 7, note: 'n' }, same: 1 }
    expect(changesOf(payload, { to: 'y', order: { note: null, vip: true }, same: 1, gone: null })).toEqual([
      { path: 'to', before: '"x"', after: '"y"' },
      { path: 'order.note', before: '"n"', after: undefined },
      { path: 'order.vip', before: undefined, after: 'true' },
    ])
  })
})

test('ignoring ends by a time, a rate, a number, or never', () => {
  const now = Date.UTC(2026, 10, 22)
  expect(readIgnore({ length: '3600', perHour: '10', count: '' }, now).decision).toEqual({
    state: 'ignored',
    ignore_until: { at: '2026-11-22T01:00:00.000Z', per_hour: 10 },
  })
  expect(readIgnore({ length: '', perHour: '', count: '' }, now).decision).toEqual({ state: 'ignored' })
  expect(Object.keys(readIgnore({ length: '', perHour: 'x', count: '0' }, now).errors)).toEqual(['perHour', 'count'])
})
