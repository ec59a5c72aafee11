// What people read: forms of numbers and times, especially at the edges between units.
import { expect, test } from 'vitest'
import {
  absolute,
  age,
  bound,
  bytes,
  count,
  countOf,
  duration,
  instant,
  percent,
  shortId,
  stretch,
  withMarksShown,
} from './format.ts'

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1_000, '1.0 s'],
  [9_999, '9.9 s'],
  [41_700, '41 s'],
  [60_000, '1 min'],
  [230_000, '3 min 50 s'],
  [18_720_000, '5 h 12 min'],
  [40 * 86_400_000 + 3 * 3_600_000, '40 d 3 h'],
  [-2_400, '−2.4 s'],
  [Number.NaN, '–'],
  [null, '–'],
])('%d ms reads %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

test.each([
  [0, 'now'],
  [-400, 'now'],
  [41_000, '41 s ago'],
  [-41_000, 'in 41 s'],
  [125_000, '2 min ago'],
  [-7_200_000, 'in 2 h'],
  [3 * 86_400_000, '3 d ago'],
])('%d ms after it happened it is %s', (distance, words) => {
  expect(age(1_000_000_000, 1_000_000_000 + distance)).toBe(words)
})

test('a time of another day carries its date', () => {
  const now = Date.UTC(2026, 10, 22, 10, 22, 8)
  expect(absolute(now - 3_000, now, 'UTC')).toBe('10:22:05')
  expect(absolute(now - 86_400_000, now, 'UTC')).toBe('21 Nov 2026, 10:22:08')
  expect(absolute(now, now, 'Asia/Tokyo')).toBe('19:22:08')
})

test('counts are grouped and named', () => {
  expect(count(10_000_000)).toBe('10,000,000')
  expect(countOf(1, 'dead letter')).toBe('1 dead letter')
  expect(countOf(4_377, 'entry', 'entries')).toBe('4,377 entries')
})

test('a share keeps the decimals that matter and knows when nothing was measured', () => {
  expect(percent(0.9862)).toBe('98.62 %')
  expect(percent(0.5)).toBe('50 %')
  expect(percent(1)).toBe('100 %')
  expect(percent(null)).toBe('–')
})

test('instants, sizes and ids', () => {
  expect(instant('2026-11-22T10:22:08.000Z')).toBe(1_795_342_928_000)
  expect(instant('yesterday')).toBeUndefined()
  expect(instant(null)).toBeUndefined()
  expect(bytes(0)).toBe('0 B')
  expect(bytes(4_200_000)).toBe('4.2 MB')
  expect(shortId('t_0198aaaa-bbbb-7ccc-8ddd-eeeeeeee77ff')).toBe('t_0198aaaa-bbbb…77ff')
  expect(shortId('short')).toBe('short')
})

test('a mark that turns text around is seen, and does not', () => {
  expect(withMarksShown('invoice\u202efdp.exe\u200b')).toBe('invoice‹U+202E›fdp.exe‹U+200B›')
  expect(withMarksShown('größer\n👍')).toBe('größer\n👍')
})

test('a number stays on one line with its unit', () => {
  expect(bound('Tried 4 times in 11 min 1 s, up to 20 % shorter')).toBe(
    'Tried 4 times in 11\u00a0min 1\u00a0s, up to 20\u00a0% shorter',
  )
})

test('a stretch of time says the day of a moment only where it is not plain', () => {
  const [evening, night] = [Date.UTC(2026, 10, 27, 23, 50), Date.UTC(2026, 10, 28, 0, 5)]
  expect(stretch(evening, evening + 60_000, evening, 'UTC')).toBe('23:50 to 23:51')
  expect(stretch(evening, evening + 60_000, night, 'UTC')).toBe('27 Nov 23:50 to 23:51')
  expect(stretch(evening, night, night, 'UTC')).toBe('27 Nov 23:50 to 28 Nov 00:05')
  expect(stretch(evening, night, night, 'Europe/Berlin')).toBe('00:50 to 01:05')
})
