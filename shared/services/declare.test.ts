// Services as code declares them, and budgets as one writes them.
import { describe, expect, test } from 'vitest'
import { catalog } from '../catalog/catalog.ts'
import type { AnyKind } from '../catalog/kind.ts'
import { services } from '../catalog/services.ts'
import { parseBudget } from './budget-text.ts'
import { service, servicesOf } from './declare.ts'

describe('a budget', () => {
  test.each<[string, number, number, string]>([
    ['300/30s', 300, 30_000, 'calls'],
    ['600/min', 600, 60_000, 'calls'],
    ['600 / 5 minutes', 600, 300_000, 'calls'],
    ['10000 units/day', 10_000, 86_400_000, 'units'],
    ['10_000 calls/2h', 10_000, 7_200_000, 'calls'],
  ])('%s is %i in %i ms', (text, limit, per_ms, unit) => {
    expect(parseBudget(text)).toEqual({ limit, per_ms, unit, allocations: [] })
  })

  test.each([
    ['300 per 30s', "cannot be read; write it as '300/30s', '600/min' or '10000 units/day'"],
    ['300/30', 'cannot be read'],
    ['/min', 'cannot be read'],
    ['3.5/min', 'cannot be read'],
    ['0/min', 'is out of bounds: limit'],
    ['5/60d', 'is out of bounds: per_ms'],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(() => parseBudget(text)).toThrow(sentence)
  })
})

describe('a declaration', () => {
  test('fills in what it leaves out', () => {
    expect(service({ name: 'spotify', summary: 'Music.', budget: '300/30s' })).toMatchObject({
      config: { budget: { limit: 300 }, breaker: { window: { size: 60 } }, concurrency: null },
    })
  })

  test.each([
    ['a name that is none', { name: 'Spotify API' }],
    ['a budget that is none', { budget: 'many' }],
    ['a breaker that contradicts itself', { breaker: { open_ms: 900_000 } }],
  ])('with %s says which service it is', (_what, wrong) => {
    expect(() => service({ name: 'spotify', summary: 'Music.', ...wrong })).toThrow(
      /the service .* is not declared right/,
    )
  })

  test('cannot be given twice', () => {
    const one = service({ name: 'spotify', summary: 'Music.' })
    expect(() => servicesOf(one, one)).toThrow('two services are called spotify')
  })

  test('exists for every service that a kind of job names', () => {
    const named = Object.values(catalog).flatMap((kind) => {
      try {
        return (kind as AnyKind).serviceOf({}) ?? []
      } catch {
        return []
      }
    })
    expect(named.filter((name) => !services.has(name))).toEqual([])
    expect(named.length).toBeGreaterThan(0)
  })
})
