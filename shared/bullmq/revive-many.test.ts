// Many dead letters revived in one step are left in Redis as one at a time would leave them.
import { everythingOf, lay } from '../../test/support/dead-letters.ts'
import { describe, expect, test } from '../../test/support/rooms.ts'

const T = 1_700_000_000_000
const terms = { mark: 'op_1', resetAttempts: true, delayMs: 0 }

/** Without what only the many leave: the mark. The names of parents tell their queue. */
const comparable = (all: Record<string, unknown>): unknown =>
  JSON.parse(
    JSON.stringify(all, (key, value: unknown) => (key === 'k1nOp' ? undefined : value)).replaceAll(/:q[12]:/g, ':q:'),
  )

describe('revived together', () => {
  for (const [what, more, options] of [
    ['plain jobs', {}, {}],
    ['prioritized jobs', { priority: 7, opts: '{"attempts":3,"priority":7}' }, {}],
    ['last-in-first-out jobs', { opts: '{"attempts":3,"lifo":true}' }, {}],
    ['jobs whose options cannot be read', { opts: 'garbage "lifo":true' }, {}],
    ['jobs that lived before', { k1nLives: 2, k1nBase: 5, stc: 1, k1nReason: 'poison', k1nSolo: 'w' }, {}],
    ['jobs that keep their attempts', {}, { resetAttempts: false }],
    ['jobs that wait for a while', {}, { delayMs: 60_000 }],
    ['prioritized jobs that wait', { priority: 7 }, { delayMs: 1 }],
    ['jobs with another payload', {}, { data: '{"to":"y"}' }],
  ] as const)
    for (const paused of [false, true])
      test(`${what}${paused ? ', of a paused queue,' : ''} are as those revived one by one`, async ({
        kernel,
        bull,
      }) => {
        const { redis } = kernel
        const { data, ...asked } = { data: undefined, ...options }
        for (const queue of ['q1', 'q2']) {
          for (const n of [1, 2, 3]) await lay({ kernel, bull }, queue, `j${n}`, T + n, more)
          await redis.lpush(bull.keys(queue).wait, 'other')
          await redis.hset(bull.keys(queue).meta, paused ? { paused: 1 } : { concurrency: 1 })
        }
        for (const n of [1, 2, 3])
          await bull.revive(
            { queue: 'q1', id: `j${n}` },
            { from: 'failed', finishedOn: T + n, data, resetAttempts: true, delayMs: 0, ...asked },
          )
        const deaths = [1, 2, 3].map((n) => ({ id: `j${n}`, diedAt: T + n, data }))
        expect(await bull.reviveMany('q2', deaths, { ...terms, ...asked })).toEqual(['revived', 'revived', 'revived'])
        expect(comparable(await everythingOf({ kernel, bull }, 'q2'))).toEqual(
          comparable(await everythingOf({ kernel, bull }, 'q1')),
        )
      })

  test.for([
    ['unsuccessful', 'zadd', [T]],
    ['failed', 'hset', []],
  ] as const)('their parents wait for them again: %s', async ([where], { kernel, bull }) => {
    const { redis } = kernel
    for (const queue of ['q1', 'q2']) {
      const parent = bull.keys(queue).job('parent')
      await redis.hset(parent, 'name', 'p')
      for (const n of [1, 2]) {
        await lay({ kernel, bull }, queue, `j${n}`, T + n, { parentKey: parent })
        const child = bull.keys(queue).job(`j${n}`)
        await (where === 'failed'
          ? redis.hset(`${parent}:failed`, child, 'boom')
          : redis.zadd(`${parent}:unsuccessful`, T, child))
      }
    }
    for (const n of [1, 2])
      await bull.revive({ queue: 'q1', id: `j${n}` }, { from: 'failed', resetAttempts: true, delayMs: 0 })
    await bull.reviveMany(
      'q2',
      [1, 2].map((n) => ({ id: `j${n}`, diedAt: T + n })),
      terms,
    )
    const [one, two] = [await everythingOf({ kernel, bull }, 'q1'), await everythingOf({ kernel, bull }, 'q2')]
    expect(comparable(two)).toEqual(comparable(one))
    expect(two['parent:dependencies']).toHaveLength(2)
  })
})

test('each is revived once under one mark, and refused when it is not that death', async ({ kernel, bull }) => {
  for (const id of ['a', 'b', 'c']) await lay({ kernel, bull }, 'q', id, T)
  await kernel.redis.zrem(bull.keys('q').failed, 'c')
  await kernel.redis.set(bull.keys('q').job('text'), 'no hash')
  const ask = (mark: string) =>
    bull.reviveMany(
      'q',
      [
        { id: 'a', diedAt: T },
        { id: 'b', diedAt: T + 1 },
        { id: 'c', diedAt: T },
        { id: 'gone', diedAt: T },
        { id: 'text', diedAt: T },
      ],
      { ...terms, mark },
    )
  expect(await ask('op_1')).toEqual(['revived', 'changed', 'not_in_state', 'missing', 'missing'])
  expect(await ask('op_1')).toEqual(['again', 'changed', 'not_in_state', 'missing', 'missing'])
  expect((await ask('op_2'))[0]).toBe('not_in_state')
  // It died again: that is another death, and under the first mark it was revived already.
  await lay({ kernel, bull }, 'q', 'a', T)
  expect((await ask('op_1'))[0]).toBe('again')
  expect(await kernel.redis.hget(bull.keys('q').job('a'), 'k1nLives')).toBe('1')
})

test('hundreds go in calls of a bounded size', async ({ kernel, bull }) => {
  const deaths = Array.from({ length: 450 }, (_, n) => ({ id: `j${n}`, diedAt: T }))
  await Promise.all(deaths.map(({ id }) => lay({ kernel, bull }, 'q', id, T)))
  const answers = await bull.reviveMany('q', deaths, terms)
  expect(new Set(answers)).toEqual(new Set(['revived']))
  expect(await kernel.redis.lrange(bull.keys('q').wait, 0, -1)).toEqual(deaths.map(({ id }) => id).reverse())
})
