// Handlers that hold up the process are known by what they did before, and new ones are taken to.
import { expect, test } from 'vitest'
import type { AnyHandlers } from '../shared/catalog/handler.ts'
import { besideBlockers } from './blockers.ts'

type Context = Parameters<AnyHandlers[string]>[0]

/** Calls that take so many ms each; answers before which of them others were let go first. */
const run = (durations: readonly number[], nameOf: (call: number) => string = () => 'any'): number[] => {
  let [now, call] = [0, 0]
  const first: number[] = []
  const names = [...new Set(durations.map((_ms, index) => nameOf(index)))]
  const handlers = Object.fromEntries(names.map((name) => [name, () => (now += durations[call] ?? 0)]))
  const beside = besideBlockers(handlers as unknown as AnyHandlers, () => first.push(call), () => now) // prettier-ignore
  for (; call < durations.length; call++) void beside[nameOf(call)]?.({} as Context)
  return first
}
const calls = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms)

test('a handler that was never called is taken to block, until it has let go at once some dozen times', () => {
  const first = run(calls(40, 0))
  expect(first[0]).toBe(0)
  expect(first.length).toBeGreaterThan(10)
  expect(first.length).toBeLessThan(25)
})

test('one that blocks is known for it as long as it does', () => {
  expect(run(calls(50, 50))).toHaveLength(50)
})

test('one that begins to block is known from the next call on, and one pause makes no blocker for long', () => {
  const quick = calls(40, 0)
  expect(run([...quick, 50, 50]).at(-1)).toBe(41)
  expect(run([...quick, 5, ...quick]).filter((call) => call >= 40)).toEqual([])
})

test('a handler is known by itself', () => {
  const first = run(
    calls(80, 0).map((_ms, call) => (call % 2 === 0 ? 50 : 0)),
    (call) => (call % 2 === 0 ? 'slow' : 'quick'),
  )
  expect(first.filter((call) => call >= 60)).toEqual([60, 62, 64, 66, 68, 70, 72, 74, 76, 78])
})

test('what a handler answers or throws is answered or thrown', () => {
  const wrong = new Error('wrong')
  const handlers = { good: () => 'done', bad: () => { throw wrong } } as unknown as AnyHandlers // prettier-ignore
  const beside = besideBlockers(handlers, () => undefined)
  expect(beside['good']?.({} as Context)).toBe('done')
  expect(() => beside['bad']?.({} as Context)).toThrow(wrong)
})
