// What an operator reads of a source must be true: above all that it refuses, and why.
import { describe, expect, test } from 'vitest'
import type { EventSource } from '../../../shared/inbound/contract.ts'
import { countWords, refusalWords, sortSources, standingOf, summaryWords } from './model.ts'
import { schemeNames, schemes } from './schemes.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString()
const source = (more: Partial<EventSource> = {}): EventSource =>
  ({
    id: 'src_1',
    name: 'Shop',
    enabled: true,
    received: 0,
    duplicates: 0,
    refused: 0,
    last_received_at: null,
    last_refusal: null,
    ...more,
  }) as EventSource
const refusedAt = (minute: number) => ({ at: at(minute), reason: 'wrong_signature' as const })

describe('how a source fares', () => {
  test.each([
    ['unused', {}],
    ['receiving', { last_received_at: at(5) }],
    ['receiving', { last_received_at: at(5), last_refusal: refusedAt(4) }],
    ['refusing', { last_received_at: at(5), last_refusal: refusedAt(6) }],
    ['refusing', { last_refusal: refusedAt(6) }],
    ['off', { enabled: false, last_refusal: refusedAt(6) }],
  ] as const)('is %s', (standing, more) => {
    expect(standingOf(source(more))).toBe(standing)
  })

  test('is told for all of them, and those that refuse come first', () => {
    const list = [
      source({ name: 'a', last_received_at: at(1) }),
      source({ name: 'b', enabled: false }),
      source({ name: 'c', last_refusal: refusedAt(2) }),
    ]
    expect(summaryWords(list)).toBe('3 sources, 1 of them refuses what comes.')
    expect(sortSources(list).map(({ name }) => name)).toEqual(['c', 'a', 'b'])
  })
})

test('counts say what was taken, and the rest only where there is some', () => {
  expect(countWords(source({ received: 1_204 }))).toBe('1,204 taken')
  expect(countWords(source({ received: 4, duplicates: 3, refused: 2 }))).toBe('4 taken, 3 came twice, 2 refused')
})

test('a reason that a newer server gives is told as it is', () => {
  expect(refusalWords('wrong_time')).toMatch(/too long ago/)
  expect(refusalWords('moon_phase')).toBe('moon phase')
})

test('every way to check says what to do at the service', () => {
  for (const name of schemeNames) expect(schemes[name].steps.length).toBeGreaterThan(0)
})
