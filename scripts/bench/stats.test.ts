// What the benchmarks' statistics promise, so that a verdict can be believed.
import { describe, expect, test } from 'vitest'
import { isWide, judge, judgeRow, median, percentile, ratios, spread } from './stats.ts'
import type { Bar } from './stats.ts'

const even = (value: number) => ({ q1: value, median: value, q3: value })
const rate: Bar = { name: 'rate', kind: 'rate', must: { atLeast: 0.9 }, moonshot: { atLeast: 1.5 } }
const cpu: Bar = { name: 'cpu', kind: 'cpu', must: { atMost: 1.15 }, moonshot: { atMost: 0.65 } }
const commands: Bar = { name: 'commands', kind: 'count', must: { atMost: 27 } }

describe('medians and quartiles', () => {
  test('do not depend on the order of the values', () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ q1: 2, median: 3, q3: 4 })
  })

  test('lie between two values where they fall between', () => {
    expect(median([1, 2, 3, 10])).toBe(2.5)
    expect(spread([1, 2, 3, 4])).toEqual({ q1: 1.75, median: 2.5, q3: 3.25 })
  })

  test('of one value are that value, of none are an error', () => {
    expect(spread([7])).toEqual(even(7))
    expect(() => median([])).toThrow('no quantile of no values')
  })

  test('sort numbers as numbers', () => {
    expect(percentile([100, 9, 20], 1)).toBe(100)
    expect(median([100, 9, 20])).toBe(20)
  })

  test('leave the values they were given as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('ratios', () => {
  test('are taken pair by pair, so a machine that slows down by half changes nothing', () => {
    expect(ratios([10, 5, 10], [20, 10, 20])).toEqual([0.5, 0.5, 0.5])
  })

  test('need both sides of every pair', () => {
    expect(() => ratios([1, 2], [1])).toThrow('both needed')
  })
})

describe('a verdict', () => {
  test('is given on the must, and says when the moonshot is reached', () => {
    expect(judge(rate, even(1.2), 20)).toEqual({ verdict: 'meets', moonshot: false, near: false })
    expect(judge(rate, even(1.6), 20)).toEqual({ verdict: 'meets', moonshot: true, near: false })
    expect(judge(rate, even(0.5), 20)).toEqual({ verdict: 'misses', moonshot: false, near: false })
    expect(judge(cpu, even(0.6), 20)).toMatchObject({ verdict: 'meets', moonshot: true })
    expect(judge(cpu, even(1.3), 20)).toMatchObject({ verdict: 'misses', moonshot: false })
  })

  test('is met at the bar itself', () => {
    expect(judge(commands, even(27), 20).verdict).toBe('meets')
    expect(judge(rate, even(0.9), 20).verdict).toBe('meets')
  })

  test('is not given when the middle half reaches further than 25 % from the median', () => {
    expect(isWide({ q1: 0.75, median: 1, q3: 1.25 })).toBe(false)
    expect(isWide({ q1: 0.74, median: 1, q3: 1 })).toBe(true)
    expect(isWide({ q1: 1, median: 1, q3: 1.26 })).toBe(true)
    expect(judge(rate, { q1: 0.7, median: 2, q3: 2 }, 20).verdict).toBe('no verdict')
  })

  test('is not given when less than 5 % of the machine was idle', () => {
    expect(judge(cpu, even(0.5), 4.9).verdict).toBe('no verdict')
    expect(judge(cpu, even(0.5), 5).verdict).toBe('meets')
  })

  test('on what is counted exactly needs neither', () => {
    expect(judge(commands, { q1: 10, median: 20, q3: 26 }, 0).verdict).toBe('meets')
    expect(judge(commands, even(28), 0)).toEqual({ verdict: 'misses', moonshot: false, near: false })
  })

  test('is marked when it is nearer to the bar than the measurement is exact: 7 % for CPU, 10 % for rates', () => {
    expect(judge(cpu, even(1.15 * 1.06), 20).near).toBe(true)
    expect(judge(cpu, even(1.15 * 1.08), 20).near).toBe(false)
    expect(judge(rate, even(0.9 * 0.91), 20).near).toBe(true)
    expect(judge(rate, even(0.9 * 0.89), 20).near).toBe(false)
  })
})

describe('a row', () => {
  const bars = (...verdicts: [Bar['kind'], ReturnType<typeof judge>['verdict']][]) =>
    judgeRow(verdicts.map(([kind, verdict]) => ({ kind, verdict })))

  test('meets its bars when every one is met', () => {
    expect(bars(['rate', 'meets'], ['cpu', 'meets'], ['count', 'meets'])).toBe('meets')
    expect(bars(['time', 'meets'], ['time', 'misses'])).toBe('misses')
  })

  test('goes by its CPU where rate and CPU disagree', () => {
    expect(bars(['rate', 'misses'], ['cpu', 'meets'])).toBe('meets')
    expect(bars(['rate', 'meets'], ['cpu', 'misses'])).toBe('misses')
    expect(bars(['rate', 'no verdict'], ['cpu', 'meets'])).toBe('meets')
  })

  test('goes by its rate where the CPU allows no verdict', () => {
    expect(bars(['rate', 'misses'], ['cpu', 'no verdict'])).toBe('misses')
    expect(bars(['rate', 'meets'], ['cpu', 'no verdict'])).toBe('no verdict')
  })

  test('is not judged by what is only told', () => {
    expect(bars(['time', 'meets'], ['told', 'misses'])).toBe('meets')
  })

  test('misses what one exact count misses, however noisy the rest', () => {
    expect(bars(['cpu', 'no verdict'], ['count', 'misses'])).toBe('misses')
  })
})
