// What is refused when there is too much, in which order, and what never is.
import { describe, expect, test } from 'vitest'
import { contract } from '../../shared/contract.ts'
import { rowsOf } from './check.ts'
import type { Adds, Endpoint } from '../../shared/kernel/endpoint.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import { UNDER_WAY_MAX, createAdmission } from './admission.ts'
import type { Admission } from './admission.ts'
import { createLoopLag } from './loop-lag.ts'

/** Bands of memory that are beyond, and how late the loop is. */
interface Now {
  beyond?: readonly Adds[]
  lasting?: number
}

const admissionAt = ({ beyond = [], lasting = 0 }: Now) =>
  createAdmission({ isBeyond: (band) => beyond.includes(band), roomInMs: () => 7_000 }, { lasting })

const namesWhere = (refuses: (row: Endpoint) => void): string[] =>
  rowsOf(contract).flatMap(([name, row]) => {
    try {
      refuses(row)
      return []
    } catch {
      return [name]
    }
  })

const refusedAt = (now: Now): string[] => {
  const admission = admissionAt(now)
  return namesWhere((row) => admission.enter(row))
}

describe('while Redis is nearly full', () => {
  const at80: Now = { beyond: ['low', 'new'] }
  const at90: Now = { beyond: ['low', 'new', 'again'] }
  const handsIn = [
    'deliveries.replay',
    'events.publish',
    'events.publishMany',
    'hooks.receive',
    'imports.create',
    'jobs.clone',
    'jobs.create',
    'jobs.createMany',
    'operations.undo',
    'queues.promoteAll',
    'queues.retryAll',
    'scheduleRuns.trigger',
  ]

  test('all that hands in work is refused, and nothing that ends, deletes or tries again what is there', () => {
    expect(refusedAt(at80).sort()).toEqual(handsIn)
    expect(refusedAt({})).toEqual([])
  })

  test('so is what is done once more, when even less room is left', () => {
    const again = ['deliveries.retry', 'dlq.restore', 'jobs.retry', 'operations.resume', 'retries.retry']
    expect(refusedAt(at90).sort()).toEqual([...handsIn, ...again].sort())
  })

  const job = (priority?: string | number) => ({
    name: 'x',
    ...(priority === undefined ? {} : { options: { priority } }),
  })
  test.for<[name: string, body: unknown, from: string]>([
    ['jobs.create', job(), '80'],
    ['jobs.create', job('low'), '70'],
    ['jobs.create', job(1_000), '70'],
    ['jobs.create', job('high'), '80'],
    ['jobs.createMany', { jobs: [job('low'), job('low')] }, '70'],
    ['jobs.createMany', { jobs: [job('low'), job()] }, '80'],
    ['batch.perform', { operations: [{ op: 'cancel' }, { op: 'trigger' }] }, '80'],
    ['batch.perform', { operations: [{ op: 'trigger' }], dry_run: true }, 'never'],
    ['batch.perform', { operations: [{ op: 'cancel' }, { op: 'retry' }] }, '90'],
    ['batch.perform', { operations: [{ op: 'resubmit' }] }, '90'],
    ['batch.perform', { operations: [{ op: 'cancel' }, { op: 'discard' }, { op: 'skip' }] }, 'never'],
    ['dlq.resubmit', {}, '90'],
    ['dlq.resubmit', undefined, '90'],
    ['dlq.resubmit', { queue: 'other' }, '80'],
    ['dlq.resubmitMany', {}, '80'],
    ['dlq.resubmitMany', { dry_run: true }, 'never'],
    ['dlq.purge', {}, 'never'],
    ['jobs.retryAll', {}, '80'],
    ['jobs.promoteAll', {}, '80'],
    ['jobs.cancelAll', {}, 'never'],
    ['jobs.deleteAll', {}, 'never'],
    ['queues.drain', {}, 'never'],
  ])('%s of %j is refused from %s %% on', ([name, body, from]) => {
    const row = rowsOf(contract).find(([its]) => its === name)?.[1] as Endpoint
    const codeAt = (now: Now): string | undefined => {
      try {
        admissionAt(now).checkBody(row, body)
        return undefined
      } catch (error) {
        return isProblem(error) ? error.code : String(error)
      }
    }
    expect([codeAt({ beyond: ['low'] }), codeAt(at80), codeAt(at90)]).toEqual([
      from === '70' ? 'queue-full' : undefined,
      from <= '80' ? 'overloaded' : undefined,
      from <= '90' ? 'overloaded' : undefined,
    ])
  })

  test('work that may wait is told how long, at the speed at which room is made', () => {
    const take = () => admissionAt({ beyond: ['low'] }).checkBody(contract.jobs.create, job('low'))
    expect(take).toThrow(expect.objectContaining({ code: 'queue-full', status: 429, extras: { retryAfterMs: 7_000 } }))
  })
})

describe('while many requests are under way', () => {
  const enter = (admission: Admission, row: Endpoint, times: number) => Array.from({ length: times }, () => admission.enter(row)) // prettier-ignore
  const rows = [contract.metrics.overview, contract.jobs.list, contract.batch.perform, contract.jobs.create, contract.breakers.forceOpen] // prettier-ignore
  const taken = (admission: Admission): boolean[] =>
    rows.map((row) => {
      try {
        admission.enter(row)()
        return true
      } catch {
        return false
      }
    })

  test('what matters least is refused first, and all is taken again when they are done', () => {
    const admission = admissionAt({})
    const leave = enter(admission, contract.breakers.forceOpen, UNDER_WAY_MAX.search)
    expect(taken(admission)).toEqual([false, true, true, true, true])
    for (const most of [UNDER_WAY_MAX.read, UNDER_WAY_MAX.batch, UNDER_WAY_MAX.work, UNDER_WAY_MAX.steer]) {
      leave.push(...enter(admission, contract.breakers.forceOpen, most - leave.length))
      expect(taken(admission).filter(Boolean)).toHaveLength(
        rows.length - Object.values(UNDER_WAY_MAX).indexOf(most) - 1,
      )
    }
    expect(() => admission.enter(contract.system.ready)).not.toThrow()
    for (const one of leave) one()
    expect(admission.refused.load).toBeGreaterThan(0)
  })

  test('those that listen are not counted: they stay on purpose', () => {
    const admission = admissionAt({})
    enter(admission, contract.stream.poll, UNDER_WAY_MAX.search)
    expect(taken(admission)).toEqual(rows.map(() => true))
  })
})

describe('while one caller asks for much', () => {
  test('what stays open for long keeps nobody else from being taken in', () => {
    const admission = admissionAt({})
    const caller = (n: number) => ({ kind: 'key', id: `key_${n}`, name: 'x', scopes: [], queues: [] }) as const
    const done = Array.from({ length: UNDER_WAY_MAX.steer }, (_, n) => {
      const leave = admission.enter(contract.jobs.result)
      const stay = admission.join(contract.jobs.result, caller(n % 10), () => '')
      stay.linger()
      return () => {
        stay.leave()
        leave()
      }
    })
    admission.enter(contract.metrics.overview)()
    for (const each of done) each()
    // What has left is counted neither way.
    for (let n = 0; n < UNDER_WAY_MAX.search; n++) admission.enter(contract.jobs.list)
    expect(() => admission.enter(contract.metrics.overview)).toThrow()
  })

  test('only what is worked on is counted: streams and health are not', () => {
    const admission = admissionAt({})
    const me = { kind: 'key', id: 'key_1', name: 'x', scopes: [], queues: [] } as const
    const join = (row: Endpoint, times: number) =>
      Array.from({ length: times }, () => admission.join(row, me, () => ''))
    join(contract.stream.sse, 300)
    join(contract.system.ready, 300)
    join(contract.jobs.list, 200)
    expect(() => join(contract.jobs.list, 1)).toThrow(expect.objectContaining({ code: 'overloaded' }))
    expect(admission.refused.caller).toBe(1)
  })
})

describe('while the event loop is late', () => {
  test('what looks far and wide is refused first, then reads, batches, work, what steers, and health never', () => {
    expect(refusedAt({ lasting: 150 })).toEqual([])
    const farAndWide = refusedAt({ lasting: 200 })
    expect(farAndWide).toContain('jobs.search')
    expect(farAndWide).toContain('metrics.overview')
    expect(farAndWide).not.toContain('jobs.list')
    const first = refusedAt({ lasting: 400 })
    expect(first).not.toContain('batch.perform')
    expect(first).toContain('jobs.list')
    expect(first).not.toContain('jobs.create')
    expect(refusedAt({ lasting: 450 })).toContain('batch.perform')
    expect(refusedAt({ lasting: 450 })).not.toContain('jobs.create')
    const second = refusedAt({ lasting: 700 })
    expect(second).toContain('jobs.create')
    expect(second).not.toContain('breakers.forceOpen')
    const all = refusedAt({ lasting: 2_500 })
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
