// What retries cost must be told by kind of error, the last attempt of a dead job being waste and no retry.
import { expect, test } from 'vitest'
import { countsOfDeath, countsOfRetry } from './retry-counts.ts'
import { wasteColumns } from './retry-waste.ts'

const bucketOf = (...counts: Readonly<Record<string, number>>[]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const [name, by] of counts.flatMap((one) => Object.entries(one))) sums.set(name, (sums.get(name) ?? 0) + by)
  return sums
}
const retry = (delayMs: number) =>
  countsOfRetry({ attempt: 1, errorClass: 'timeout', ranMs: 2_000, strategy: 'fixed', delayMs })

test('retries are told by kind of error, waste with the attempts that were the last', () => {
  const death = countsOfDeath({ attempt: 2, errorClass: 'permanent', ranMs: 500 })
  const columns = wasteColumns([true, true], [bucketOf(retry(1_000), retry(4_000), death), new Map()])
  expect(columns.map(({ key, y }) => [key, y])).toEqual([
    ['timeout', [2, 0]],
    ['wasted_s', [4.5, 0]],
    ['delay_s', [2.5, null]],
  ])
})

test('a death that wasted no millisecond is known all the same', () => {
  const death = countsOfDeath({ attempt: 1, errorClass: 'permanent', ranMs: 0 })
  const [wasted] = wasteColumns([false, false], [new Map(), bucketOf(death)])
  expect(wasted).toMatchObject({ key: 'wasted_s', y: [null, 0] })
})

test('nothing is told of what nobody looked at', () => {
  expect(wasteColumns([false, true], [new Map(), bucketOf(retry(0))]).map(({ y }) => y)).toEqual([
    [null, 1],
    [null, 2],
    [null, 0],
  ])
})
