// What may go wrong with a schedule's slots is found: each kind of damage is planted once, beside what is allowed.
import { describe, expect, test } from 'vitest'
import type { Evidence, Execution } from '../support/evidence.ts'
import { slotsOf } from '../support/schedules.ts'
import type { Run } from '../support/schedules.ts'
import { slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const schedule = { id: 'digest', everyMs: 1_000, offsetMs: 500, since: 10_000 }
const slots = [10_500, 11_500, 12_500]
const iso = (ms: number): string => new Date(ms).toISOString()

const ran = (slot: number, more: Partial<Execution> = {}): Execution => ({
  ...{ run: `${slot}`, id: `s_digest_${slot}`, key: `digest.${slot}`, attempt: 1, pid: 10 },
  ...{ startedAt: slot + 20, endedAt: slot + 40, how: 'done' },
  ...more,
})
const entry = (slot: number, more: Partial<Run> = {}): Run => ({
  ...{
    id: String(slot),
    status: 'completed',
    scheduled_for: iso(slot),
    planned_at: iso(slot),
    until: null,
    skipped: null,
  },
  ...more,
})
const told = (...of: number[]): Book['told'] => new Map(of.map((slot) => [slot, [5]]))

interface Found {
  executions?: Execution[]
  book?: Partial<Book>
  earlyMs?: number
}
const texts = ({ executions = slots.map((slot) => ran(slot)), book = {}, earlyMs }: Found): string => {
  const sound: Book = { schedule, end: 12_600, history: slots.map((slot) => entry(slot)), told: told(...slots) }
  const evidence = { executions } as Evidence
  return slotsAreKept(evidence, [{ ...sound, ...book }], earlyMs)
    .map(({ text }) => text)
    .join('\n')
}

test('slots are reckoned from the multiples of the interval, after one moment and up to another', () => {
  expect(slotsOf(schedule, 12_600)).toEqual(slots)
  expect(slotsOf(schedule, 12_499)).toEqual([10_500, 11_500])
  expect(slotsOf(schedule, 12_600, 11_500)).toEqual([12_500])
  expect(slotsOf(schedule, 10_499)).toEqual([])
})

test('slots that all ran once break no promise', () => {
  expect(texts({})).toBe('')
})

describe('slots', () => {
  const withoutSecond = [ran(10_500), ran(12_500)]
  test('that did not run are found, unless the history says why', () => {
    expect(texts({ executions: withoutSecond })).toContain('slot at 1970-01-01T00:00:11.500Z did not run')
    const skipped = entry(11_500, { status: 'skipped', until: iso(11_500), skipped: 'overlap' })
    expect(texts({ executions: withoutSecond, book: { history: [entry(10_500), skipped, entry(12_500)] } })).toBe('')
  })
  test('that ran although they were passed over, or without being told of, are found', () => {
    const skipped = entry(11_000, { id: 'x', until: iso(12_000), skipped: 'missed' })
    expect(texts({ book: { history: [entry(10_500), skipped, entry(12_500)] } })).toContain('was passed over')
    expect(texts({ book: { history: [entry(10_500), entry(12_500)] } })).toContain('its history does not tell')
  })
  test('that became two jobs, or are told twice, are found', () => {
    const two = [...slots.map((slot) => ran(slot)), ran(11_500, { id: 's_digest_other' })]
    expect(texts({ executions: two })).toContain('became 2 jobs')
    expect(texts({ book: { told: told(...slots).set(11_500, [5, 9]) } })).toContain('told 2 times')
  })
  test('that came too early, or are none, are found', () => {
    const early = [ran(10_500), ran(11_500, { startedAt: 11_400 }), ran(12_500)]
    expect(texts({ executions: early })).toContain('100 ms before its time')
    expect(texts({ executions: early, earlyMs: 100 })).toBe('')
    expect(texts({ executions: [...slots.map((slot) => ran(slot)), ran(12_000)] })).toContain('no such slot')
  })
  test('of another definition, from before the time that is judged, are left alone', () => {
    expect(texts({ executions: [ran(9_000), ...slots.map((slot) => ran(slot))] })).toBe('')
  })
})
