// Where jobs are is told rightly, however many run and wait.
import { vi } from 'vitest'
import { expect, test } from '../../test/support/rooms.ts'

test('one job is looked for near both ends of a long line; in its midst it is told that so many are before it at least', async ({
  kernel,
  bull,
}) => {
  const key = (suffix: string): string => `${kernel.bullPrefix}:long:${suffix}`
  const line = Array.from({ length: 120_000 }, (_, n) => `j-${n}`)
  for (let at = 0; at < line.length; at += 10_000) await kernel.redis.lpush(key('wait'), ...line.slice(at, at + 10_000))
  const standing = async (id: string): Promise<unknown[]> => {
    await kernel.redis.hset(key(id), { timestamp: 1, name: 'x', data: '{}' })
    const [stated] = await bull.readStated([{ queue: 'long', id }])
    return [stated?.state, stated?.score, stated?.behind]
  }
  expect(await standing('j-0')).toEqual(['waiting', 0, undefined])
  expect(await standing('j-49999')).toEqual(['waiting', 49_999, undefined])
  expect(await standing('j-50000')).toEqual(['waiting', undefined, 50_000])
  expect(await standing('j-69999')).toEqual(['waiting', undefined, 50_000])
  expect(await standing('j-70000')).toEqual(['waiting', 70_000, undefined])
  await kernel.redis.ltrim(key('wait'), 0, 99_999)
  expect(await standing('nowhere')).toEqual(['unknown', undefined, undefined])
})

test.for([5, 50])(
  'of %i jobs those within a thousand of either end of their line are told how many run before each',
  async (count, { kernel, bull }) => {
    const key = (suffix: string): string => `${kernel.bullPrefix}:line:${suffix}`
    await kernel.redis.lpush(key('wait'), ...Array.from({ length: 5_000 }, (_, n) => `j-${n}`))
    const asked = [
      'j-0',
      'j-999',
      'j-1000',
      'j-3999',
      'j-4000',
      ...Array.from({ length: count - 5 }, (_, n) => `other-${n}`),
    ]
    for (const id of asked) await kernel.redis.hset(key(id), { timestamp: 1, name: 'x', data: '{}' })
    const found = await bull.readStated(asked.map((id) => ({ queue: 'line', id })))
    expect(found.slice(0, 5).map((stated) => [stated?.state, stated?.score, stated?.behind])).toEqual([
      ['waiting', 0, undefined],
      ['waiting', 999, undefined],
      ['waiting', undefined, 1_000],
      ['waiting', undefined, 1_000],
      ['waiting', 4_000, undefined],
    ])
  },
)

test('jobs among thousands that run are told to be active, and those that wait behind them to wait', async ({
  kernel,
  bull,
}) => {
  const key = (suffix: string): string => `${kernel.bullPrefix}:busy:${suffix}`
  const ids = ['first', 'last', 'locked', 'stalled', 'waits', 'nowhere']
  for (const id of ids) await kernel.redis.hset(key(id), { timestamp: 1, name: 'x', data: '{}' })
  const many = (name: string): string[] => Array.from({ length: 1_500 }, (_, n) => `${name}-${n}`)
  await kernel.redis.rpush(key('active'), 'first', ...many('a'), 'locked', 'stalled', ...many('b'), 'last')
  await kernel.redis.set(key('locked:lock'), 'token')
  await kernel.redis.rpush(key('wait'), 'waits')
  const at = (...asked: string[]) => bull.stateOf(asked.map((id) => ({ queue: 'busy', id })))
  const states = [...Array.from({ length: 4 }, () => 'active'), 'waiting']
  expect(await at('first', 'last', 'locked', 'stalled', 'waits')).toEqual(states)
  // Many are looked for otherwise than few.
  const others = many('other').slice(0, 30)
  expect((await at('first', 'last', 'locked', 'stalled', 'waits', ...others)).slice(0, 5)).toEqual(states)
  expect(await at('nowhere')).toEqual(['unknown'])
  await kernel.redis.del(key('active'))
  expect(await at('waits', 'nowhere')).toEqual(['waiting', 'unknown'])
})

test('of thousands of hashes few are asked for at once, so that others come in between', async ({ kernel, bull }) => {
  let underWay = 0
  let most = 0
  const call = kernel.redis.evalsha.bind(kernel.redis) as (...args: unknown[]) => Promise<unknown>
  vi.spyOn(kernel.redis, 'evalsha').mockImplementation(async (...args: unknown[]) => {
    most = Math.max(most, ++underWay)
    return call(...args).finally(() => underWay--)
  })
  const asked = Array.from({ length: 2_000 }, (_, n) => ({ queue: 'many', id: `j-${n}` }))
  await kernel.redis.hset(`${kernel.bullPrefix}:many:j-1999`, { timestamp: 7, name: 'x', data: '{}' })
  const found = await bull.readRaw(asked, ['timestamp'])
  expect([found.length, found.findIndex(Boolean), found.at(-1)?.timestamp, most]).toEqual([2_000, 1_999, 7, 2])
})
