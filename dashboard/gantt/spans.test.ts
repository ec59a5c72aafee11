// The store of runs: what it keeps, what it refuses, and how little it needs.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Layout } from './layout.ts'
import { SpanStore, type Before, type SpanListener } from './spans.ts'
import { columnsOf, span, storeOf, T0 } from './testing.ts'

const heard = (store: SpanStore): string[] => {
  const calls: string[] = []
  const listener: SpanListener = {
    added: (slot) => calls.push(`added ${slot}`),
    changed: (slot, before: Before) => calls.push(`changed ${slot} from run ${before.run}`),
    reset: () => calls.push('reset'),
  }
  store.listen(listener)
  return calls
}

test('columns and rows of the same runs make the same store', () => {
  const rows = [
    span({ start: T0 + 5000, state: 'failed', priority: 3 }),
    span({ queue: 'bill', backoff: 400, wait: 7 }),
  ]
  const store = new SpanStore()
  store.load(columnsOf(rows))
  for (const row of rows) {
    const slot = store.find(row)
    expect(store.key(slot)).toEqual({ queue: row.queue, id: row.id, attempt: row.attempt })
    expect([store.start[slot], store.run[slot], store.wait[slot], store.backoff[slot], store.priority[slot]]).toEqual([
      ...[row.start, row.run, row.wait, row.backoff, row.priority],
    ])
  }
})

test('a run that is told again is brought up to date, not doubled', () => {
  const store = new SpanStore()
  const calls = heard(store)
  const running = span({ run: -1, state: 'running' })
  store.upsert(running)
  store.upsert({ ...running, run: 1200, state: 'completed' })
  expect(store.length).toBe(1)
  expect(store.run[0]).toBe(1200)
  expect(calls).toEqual(['added 0', 'changed 0 from run -1'])
})

test('the attempts of one job are runs of their own', () => {
  const store = storeOf({ id: 'a', attempt: 1 }, { id: 'a', attempt: 2 }, { id: 'a', attempt: 1, queue: 'other' })
  expect(store.length).toBe(3)
})

test('a run that stalled and goes on later as the same attempt is open again', () => {
  const store = storeOf({ id: 'a', run: 900, state: 'stalled' })
  store.upsert(span({ id: 'a', run: -1, state: 'running', start: T0 + 30_000 }))
  expect([store.length, store.run[0], store.start[0]]).toEqual([1, -1, T0 + 30_000])
})

test('an end that is told live ends a run that began by a clock far ahead', () => {
  const store = storeOf({ id: 'a', run: -1, state: 'running', start: T0 + 90_000 })
  store.upsert(span({ id: 'a', run: 400, start: T0 }))
  expect([store.start[0], store.run[0]]).toEqual([T0, 400])
})

test('a run that goes on stays when a window of before tells that it was held', () => {
  const store = storeOf({ id: 'a', run: -1, state: 'running', start: T0 + 300_200 })
  store.load(columnsOf([span({ id: 'a', run: 300_000, state: 'held' })]))
  expect([store.start[0], store.run[0]]).toEqual([T0 + 300_200, -1])
})

test('how an attempt ended stays when a window of before tells that it was held', () => {
  const store = storeOf({ id: 'a', run: 900, start: T0 + 60_000 })
  store.load(columnsOf([span({ id: 'a', run: 300, state: 'held' })]))
  expect([store.state[0], store.start[0]]).toEqual([1, T0 + 60_000])
  store.upsert(span({ id: 'b', run: -1, state: 'running', start: T0 + 60_000 }))
  store.load(columnsOf([span({ id: 'b', run: 300, state: 'held' })]))
  expect([store.length, store.run[1]]).toEqual([2, -1])
})

test('a run that ended is not opened again by a worker whose clock is ahead', () => {
  const store = storeOf({ id: 'a', run: 20 })
  store.load(columnsOf([span({ id: 'a', run: -1, state: 'running', start: T0 + 520 })]))
  expect(store.run[0]).toBe(20)
})

test('a run that has ended does not run again when a late frame says so', () => {
  const store = storeOf({ id: 'a', run: 900 })
  store.upsert(span({ id: 'a', run: -1, state: 'running' }))
  store.load(columnsOf([span({ id: 'a', run: -1, state: 'running' })]))
  expect(store.run[0]).toBe(900)
  expect(store.state[0]).toBe(1)
})

test('a held attempt may start to run', () => {
  const store = storeOf({ id: 'a', run: 300, state: 'held' })
  store.upsert(span({ id: 'a', run: -1, state: 'running', start: T0 + 400 }))
  expect(store.run[0]).toBe(-1)
})

test('a full store lets the oldest eighth go', () => {
  const store = new SpanStore(80)
  for (let at = 0; at < 81; at++) store.upsert(span({ id: `r${at}`, start: T0 + at }))
  expect(store.length).toBe(70)
  expect(Math.min(...store.start.subarray(0, store.length))).toBe(T0 + 11)
  // Each that is kept is found where it is now.
  expect([10, 11, 80].map((at) => store.find(span({ id: `r${at}` })))).toEqual([-1, 0, 69])
})

test('runs that are there already are found after many more have come at once', () => {
  const store = new SpanStore()
  const early = Array.from({ length: 1_500 }, (_, n) => span({ id: `early-${n}` }))
  const late = Array.from({ length: 5_000 }, (_, n) => span({ id: `late-${n}`, queue: 'bill' }))
  for (const row of early) store.upsert(row)
  store.load(columnsOf([...early.slice(0, 700), ...late]))
  expect(store.length).toBe(early.length + late.length)
  const found = [...early, ...late].map((row) => store.key(store.find(row)).id)
  expect(found).toEqual([...early, ...late].map(({ id }) => id))
})

test('whatever is told in whatever order, a run is found exactly when it was told', () => {
  const key = fc.record({
    queue: fc.constantFrom('a', 'b', 'ab'),
    id: fc.string({ maxLength: 3 }),
    attempt: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(key, { maxLength: 60 }), key, (told, asked) => {
      const store = new SpanStore()
      for (const each of told) store.upsert(span(each))
      const same = (one: typeof asked): boolean =>
        one.queue === asked.queue && one.id === asked.id && one.attempt === asked.attempt
      expect(store.find(asked) >= 0).toBe(told.some(same))
      if (told.some(same)) expect(store.key(store.find(asked))).toEqual(asked)
    }),
  )
})

test.for(['load', 'upsert'] as const)('each of thousands of runs is found, taken in by %s', (way) => {
  const store = new SpanStore()
  const rows = Array.from({ length: 5_000 }, (_, at) => span({ id: `r${at}`, start: T0 + at }))
  if (way === 'load') store.load(columnsOf(rows))
  else for (const row of rows) store.upsert(row)
  expect(rows.map((row) => store.key(store.find(row)).id)).toEqual(rows.map(({ id }) => id))
  for (const row of rows) store.upsert(row)
  expect(store.length).toBe(rows.length)
})

test('200,000 runs with their lanes take less than 60 MB', () => {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  const used = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = used()
  const store = new SpanStore()
  const layout = fill(store)
  expect(layout.lanes.length).toBe(25)
  expect((used() - before) / 1e6).toBeLessThan(60)
  expect(store.length).toBe(200_000)
})

const fill = (store: SpanStore): Layout => {
  const ids = (at: number): string => `t_${String(at).padStart(36, '0')}`
  for (let half = 0; half < 2; half++) {
    const rows = Array.from({ length: 100_000 }, (_, at) =>
      span({ id: ids(half * 100_000 + at), queue: `queue.${at % 25}`, start: T0 + half * 1e6 + at * 10 }),
    )
    store.load(columnsOf(rows))
  }
  const layout = new Layout(store)
  layout.refresh(10, T0)
  return layout
}
