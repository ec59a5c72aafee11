// No breaker is left out because an answer holds only so many.
import { expect, test } from 'vitest'
import type { Breaker } from '../../shared/breakers/contract.ts'
import { allBreakers, byService } from './all-breakers.ts'

const breaker = (service: string): Breaker => ({ service }) as Breaker

test('breakers are fetched page by page, to the last one', async () => {
  const asked: unknown[] = []
  const found = await allBreakers(async (query) => {
    asked.push(query)
    const page = asked.length
    return { data: [breaker(`s${page}`)], page: { next_cursor: page < 3 ? `c${page}` : null } }
  })
  expect([...byService(found).keys()]).toEqual(['s1', 's2', 's3'])
  expect(asked).toEqual([{ limit: 200 }, { limit: 200, cursor: 'c1' }, { limit: 200, cursor: 'c2' }])
})

test('a list without an end is not followed for ever', async () => {
  let asked = 0
  await allBreakers(async () => {
    asked++
    return { data: [], page: { next_cursor: 'c' } }
  })
  expect(asked).toBe(5)
})
