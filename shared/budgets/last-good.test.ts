// Last good values say how old they are, and stay within their bounds.
import { expect, test } from '../../test/support/fixtures.ts'
import { createLastGood } from './last-good.ts'

test('recalls the value that was kept last, with its age, and says that it is stale', async ({ kernel, clock }) => {
  const one = createLastGood(kernel)
  expect(await one.keep('spotify', 'album 1', { title: 'Blue' })).toBe(true)
  await clock.advance(1_000)
  expect(await one.keep('spotify', 'album 1', { title: 'Blue', tracks: [null, 'ü'] })).toBe(true)
  await clock.advance(5_000)
  expect(await createLastGood(kernel).recall('spotify', 'album 1', 5_000)).toEqual({
    value: { title: 'Blue', tracks: [null, 'ü'] },
    ageMs: 5_000,
    stale: true,
  })
  expect(await one.recall('spotify', 'album 1', 4_999)).toBeUndefined()
  expect(await one.recall('spotify', 'album 2', 5_000)).toBeUndefined()
  expect(await one.recall('smtp', 'album 1', 5_000)).toBeUndefined()
})

test('forgets what is older than a day', async ({ kernel, clock }) => {
  const one = createLastGood(kernel)
  await one.keep('spotify', 'old', 1)
  await clock.advance(86_400_001)
  expect(await one.recall('spotify', 'old', Infinity)).toBeUndefined()
  await one.keep('spotify', 'new', 2)
  expect(await kernel.redis.zcard(kernel.key('budgets', 'age', 'spotify'))).toBe(1)
})

test('does not keep what is no JSON, or too much of it', async ({ kernel }) => {
  const one = createLastGood(kernel)
  const circle: unknown[] = []
  circle.push(circle)
  for (const value of [undefined, () => 1, 1n, circle, 'x'.repeat(256 * 1024)])
    expect(await one.keep('spotify', 'k', value)).toBe(false)
  expect(await one.keep('spotify', 'k', 'x'.repeat(256 * 1024 - 2))).toBe(true)
})

test('lets the oldest go where there are too many, or too many bytes', async ({ kernel, clock }) => {
  const one = createLastGood(kernel)
  const [values, times] = [kernel.key('budgets', 'good', 'spotify'), kernel.key('budgets', 'age', 'spotify')]
  for (let n = 0; n < 1_010; n++) {
    await one.keep('spotify', `small ${n}`, n)
    await clock.advance(1)
  }
  expect([await kernel.redis.zcard(times), await kernel.redis.hlen(values)]).toEqual([1_000, 1_001])
  expect(await one.recall('spotify', 'small 9', Infinity)).toBeUndefined()
  expect(await one.recall('spotify', 'small 10', Infinity)).toMatchObject({ value: 10 })
  const large = 'x'.repeat(256 * 1024 - 2)
  for (let n = 0; n < 130; n++) {
    await one.keep('spotify', `large ${n}`, large)
    await one.keep('spotify', 'again', n)
    await clock.advance(1)
  }
  expect(await kernel.redis.zcard(times)).toBe(128)
  const sizes = (await kernel.redis.hvals(values)).filter((kept) => kept.includes(':'))
  expect(Number(await kernel.redis.hget(values, ''))).toBe(sizes.reduce((sum, { length }) => sum + length, 0))
})
