// What is refused when there is too much, in which order, and what never is.
import { describe, expect, test } from 'vitest'
import { contract } from '../../shared/contract.ts'
import { rowsOf } from './check.ts'
import { createAdmission } from './admission.ts'
import { createLoopLag } from './loop-lag.ts'

const refusedAt = (isFull: boolean, lasting: number): string[] => {
  const admission = createAdmission({ isFull }, { lasting })
  return rowsOf(contract).flatMap(([name, row]) => {
    try {
      admission.check(row)
      return []
    } catch {
      return [name]
    }
  })
}

describe('while Redis is nearly full', () => {
  test('all that hands in work is refused, and nothing that ends, deletes or tries again what is there', () => {
    expect(refusedAt(true, 0).sort()).toEqual([
      'deliveries.replay',
      'events.publish',
      'events.publishMany',
      'hooks.receive',
      'imports.create',
      'jobs.clone',
      'jobs.create',
      'jobs.createMany',
      'scheduleRuns.trigger',
    ])
    expect(refusedAt(false, 0)).toEqual([])
  })
})

describe('while the event loop is late', () => {
  test('reads are refused first, then work, then what steers, and health never', () => {
    expect(refusedAt(false, 250)).toEqual([])
    const first = refusedAt(false, 400)
    expect(first).toContain('jobs.list')
    expect(first).not.toContain('jobs.create')
    const second = refusedAt(false, 700)
    expect(second).toContain('jobs.create')
    expect(second).not.toContain('breakers.forceOpen')
    const all = refusedAt(false, 2_500)
    expect(all).toContain('breakers.forceOpen')
    const spared = rowsOf(contract).flatMap(([name, row]) => (row.at === 'root' && row.method === 'GET' ? [name] : []))
    expect(spared).toEqual(expect.arrayContaining(['system.live', 'system.ready', 'system.health']))
    expect(all.filter((name) => spared.includes(name))).toEqual([])
  })

  test('one pause is no overload; it begins when ten looks in a row are late, and ends with one that is not', () => {
    const lag = createLoopLag()
    for (const late of [400, 0, ...Array.from({ length: 9 }, () => 400)]) lag.seen(late)
    expect(lag.lasting).toBe(0)
    lag.seen(200)
    expect(lag.lasting).toBe(200)
    lag.seen(-1)
    expect(lag.lasting).toBe(0)
  })
})
