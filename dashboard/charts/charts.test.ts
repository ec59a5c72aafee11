// One picture says the same to those who look, listen, read the table or take the file along.
import { describe, expect, test } from 'vitest'
import { bucketAt, timeAxis, timeTicks, wordAxis } from './axis.ts'
import { lookAt, lineLook, type Picture, type Series } from './picture.ts'
import { shareWords, turnOf, turnWords } from './readings.ts'
import { beside, reach, roundStep, scaleOf } from './scale.ts'
import { askedSpan, longRangeOf, longScope, retryWindow, scopeOf } from './scope.ts'
import { csvOf, rowsOf } from './table.ts'
import { bucketWords, gapWords } from './words.ts'
import { rangeOf } from '../shell/range.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const AT = Date.UTC(2026, 10, 26, 10, 0)
const axis = timeAxis({ x: [0, 1, 2, 3].map((n) => AT + n * MINUTE), stepMs: MINUTE, isPartial: true }, 'UTC')
const bars = (label: string, y: Series['y'], as: Series['as'] = 'bars'): Series => ({ key: label, label, unit: 'jobs', look: lookAt(0), as, y }) // prettier-ignore
const picture = (...series: Series[]): Picture => ({
  axis,
  series,
  reading: '',
  marks: [{ at: AT + 90_000, text: 'breaker of smtp opened' }],
  leads: () => undefined,
})
const some = picture(bars('Died', [null, 3, 0, 1]), bars('Left', [null, 0, 0, 2], 'down'), {
  ...bars('Wasted', [null, 1.5, 0, 0], 'line'),
  unit: 's',
  look: lineLook,
})

describe('a bucket is read', () => {
  test('with all that is in it, and what happened beside', () => {
    expect(bucketWords(some, 1)).toBe('10:01–10:02: Died 3, Wasted 1.5 s; breaker of smtp opened')
    expect(bucketWords(some, 3)).toBe('10:03–10:04 so far: Died 1, Left 2, Wasted 0 ms')
  })

  test('as nothing where nothing happened, and as not known where nobody looked', () => {
    expect(bucketWords(picture(bars('Died', [null, 0, 1, 0])), 3)).toBe('10:03–10:04 so far: nothing happened')
    expect(bucketWords(some, 0)).toBe('10:00–10:01: nothing is known')
  })
})

test('what was not recorded is said', () => {
  expect(gapWords(some)).toBe('Nothing was recorded before 10:01.')
  expect(gapWords(picture(bars('Died', [0, 0, 0, 0])))).toBeUndefined()
  expect(gapWords(picture(bars('Died', [0, 0, null, null])))).toBe('Nothing was recorded since 10:02.')
  expect(gapWords(picture(bars('Died', [0, null, 0, null])))).toMatch(/striped/)
  expect(gapWords(picture(bars('Died', [null, null, null, null])))).toBe('Nothing was recorded in this time.')
})

describe('the table', () => {
  test('has the newest first, and no rows of which nothing is known', () => {
    expect(rowsOf(some).map(({ label, cells }) => [label, ...cells])).toEqual([
      ['10:03–10:04', '1', '2', '0 ms'],
      ['10:02–10:03', '0', '0', '0 ms'],
      ['10:01–10:02', '3', '0', '1.5 s'],
    ])
  })

  test('as a file has plain numbers, and no cell that a program would run', () => {
    const words = wordAxis('Attempt', ['1', '>10'])
    const file = csvOf({ ...picture({ ...bars('=cmd|"x"', [1, null]), unit: 's' }), axis: words })
    expect(file).toBe('Attempt,"\'=cmd|""x"" (s)"\r\n1,1\r\n>10,\r\n')
    expect(csvOf(some).split('\r\n')[2]).toBe('2026-11-26T10:01:00.000Z,3,0,1.5')
  })
})

describe('ticks', () => {
  const labels = (from: number, hours: number, zone: string) =>
    timeTicks({ from, to: from + hours * 3_600_000 }, 6, zone).map(({ label }) => label)

  test('are round times of the clock on the wall, also where it is half an hour off', () => {
    expect(labels(AT + 7 * MINUTE, 1, 'UTC')).toEqual(['10:10', '10:20', '10:30', '10:40', '10:50', '11:00'])
    expect(labels(AT, 6, 'Asia/Kolkata')).toEqual(['16:00', '17:00', '18:00', '19:00', '20:00', '21:00'])
  })

  test('of more than a day are days, few enough and the same ones tomorrow', () => {
    expect(labels(AT, 7 * 24, 'UTC')).toEqual(['27 Nov', '29 Nov', '1 Dec', '3 Dec'])
    const [month, next] = [labels(AT, 30 * 24, 'Europe/Berlin'), labels(AT + 24 * HOUR, 30 * 24, 'Europe/Berlin')]
    expect(month.length).toBeLessThanOrEqual(6)
    expect(month.filter((label) => !next.includes(label)).length).toBeLessThanOrEqual(1)
    expect(labels(AT, 90 * 24, 'UTC').length).toBeGreaterThanOrEqual(3)
  })

  test('stay round when the clock is set', () => {
    const night = labels(Date.UTC(2026, 9, 24, 22), 12, 'Europe/Berlin')
    expect(night).toEqual(['00:00', '02:00', '04:00', '06:00', '08:00', '10:00'])
  })

  test('of words leave some out rather than overlap', () => {
    expect(wordAxis('Attempt', ['1', '2', '3', '4', '5']).ticks(3).map(({ label }) => label)).toEqual(['1', '3', '5']) // prettier-ignore
  })
})

test('the bucket under a moment is found, and none outside', () => {
  expect(bucketAt(axis, AT + 61_000)).toBe(1)
  expect(bucketAt(axis, AT - 1)).toBeUndefined()
  expect(bucketAt(axis, AT + 4 * MINUTE)).toBeUndefined()
})

describe('a scale', () => {
  test('counts jobs in whole numbers and time in the steps of a clock', () => {
    expect(scaleOf(0, 3, 'jobs')).toEqual({ min: 0, max: 3, ticks: [0, 1, 2, 3] })
    expect(scaleOf(0, 937, 'jobs').ticks).toEqual([0, 250, 500, 750, 1_000])
    expect(roundStep(200, 4, 's')).toBe(60)
  })

  test('has its zero where the other has it', () => {
    const left = scaleOf(-20, 60, 'jobs')
    const right = beside(left, 1_200, 'jobs')
    expect(right.min / right.max).toBeCloseTo(left.min / left.max)
    expect(right.ticks.every((tick) => tick >= 0)).toBe(true)
  })

  test('of nothing is still one', () => {
    expect(scaleOf(0, 0, 'jobs')).toEqual({ min: 0, max: 1, ticks: [0, 1] })
  })

  test('reaches as high as what stands on each other', () => {
    const both = [bars('a', [1, 5]), bars('b', [2, 1]), bars('c', [4, 0], 'down')]
    expect(reach(both, true)).toEqual({ low: -4, high: 6 })
    expect(reach(both, false)).toEqual({ low: -4, high: 5 })
  })
})

describe('a change', () => {
  test('is told where it is plain', () => {
    const turn = turnOf([1, 2, 1, 2, 1, 9, 8, 9, 8])
    expect(turn?.bucket).toBe(5)
    expect(turn && turnWords(turn)).toBe('grew 6-fold')
  })

  test('is not made up of little, or of noise', () => {
    expect(turnOf([0, 0, 0, 1, 1, 1])).toBeUndefined()
    expect(turnOf([5, 6, 5, 6, 5, 6, 7, 5])).toBeUndefined()
    expect(turnOf([null, null, 9, 9, 9])).toBeUndefined()
  })

  test('is named as one says it', () => {
    expect(turnWords({ bucket: 0, before: 0, after: 3 })).toBe('began')
    expect(turnWords({ bucket: 0, before: 4, after: 2 })).toBe('halved')
    expect(turnWords({ bucket: 0, before: 4, after: 0 })).toBe('ended')
  })
})

test('a share never says all while something is missing', () => {
  expect(shareWords(999, 1_000)).toBe('99 %')
  expect(shareWords(1, 1_000)).toBe('under 1 %')
  expect(shareWords(0, 0)).toBe('0 %')
})

test('buckets of an axis of days say which day, those of a day do not', () => {
  const labelOf = (count: number, stepMs: number): string =>
    timeAxis({ x: Array.from({ length: count }, (_, n) => AT + n * stepMs), stepMs, isPartial: false }, 'UTC').label(0)
  expect(labelOf(240, MINUTE / 4)).toBe('10:00:00–10:00:15')
  expect(labelOf(289, 5 * MINUTE)).toBe('10:00–10:05')
  expect(labelOf(337, 30 * MINUTE)).toBe('26 Nov 10:00–10:30')
  expect(labelOf(361, 6 * HOUR)).toBe('26 Nov 10:00–16:00')
})

test('a long span is asked for as a whole, whatever the page looks at', () => {
  const day = scopeOf((name) => (name === 't' ? '24h' : undefined), rangeOf('1h'), 'UTC')
  expect(longScope(day, longRangeOf('nonsense'))).toBe(day)
  const week = longScope(day, longRangeOf('7d'))
  expect([week.words, askedSpan(week, AT)]).toEqual(['in the last 7 d', { from: '2026-11-19T10:00:00.000Z' }])
})

test('a link of two moments stays with them; any other follows now', () => {
  const link: Record<string, string> = { from: '2026-11-26T10:00:00Z', to: '2026-11-26T10:15:00Z' }
  const frozen = scopeOf((name) => link[name], rangeOf('1h'), 'UTC')
  expect(frozen.words).toBe('from 10:00 to 10:15')
  expect(askedSpan(frozen, AT)).toEqual({ from: '2026-11-26T10:00:00.000Z', to: '2026-11-26T10:15:00.000Z' })
  const later = scopeOf((name) => link[name], rangeOf('1h'), 'UTC', AT + 24 * HOUR)
  expect(later.words).toBe('from 26 Nov 10:00 to 10:15')
  expect(retryWindow(frozen)).toEqual({ window: '15m', to: '2026-11-26T10:15:00.000Z' })
  expect(retryWindow({ ...frozen, from: '2026-11-25T10:15:00.000Z' }).window).toBe('24h')
  expect(retryWindow({ ...frozen, from: '2026-11-01T10:15:00.000Z' }).window).toBe('24h')
  const live = scopeOf((name) => (name === 'from' ? 'nonsense' : undefined), rangeOf('1h'), 'UTC')
  expect(askedSpan(live, AT)).toEqual({ from: '2026-11-26T09:00:00.000Z' })
  expect(retryWindow(live)).toEqual({ window: '1h' })
})
