// What people see of things that other programs left in Redis, however broken those are.
import { describe, expect, test } from '../../test/support/rooms.ts'
import { JobsQuery } from './contract.ts'

describe('what others left', () => {
  test('a payload nested too deeply to be written again is shown as unreadable', async ({ jobs, me, kernel, bull }) => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
    const put = (id: string, data: string) =>
      kernel.redis.hset(bull.keys('mail').job(id), { name: 'x', timestamp: 5, data, progress: data })
    await Promise.all([
      put('deep', nested(100_000)),
      put('flat', nested(100)),
      put('wide', `[${'[],'.repeat(9_999)}1]`),
    ])
    const [deep, flat, wide] = await Promise.all(
      ['deep', 'flat', 'wide'].map((id) => jobs.show(me, { queue: 'mail', id })),
    )
    expect([deep?.data, deep?.progress]).toEqual([null, null])
    expect(JSON.stringify(flat?.data)).toBe(nested(100))
    expect(wide?.data).toHaveLength(10_000)
  })

  test('a queue whose sets are no sets does not hide the jobs of the others', async ({ jobs, me, kernel, bull }) => {
    await kernel.redis.hset(bull.keys('broken').meta, 'opts.maxLenEvents', 10_000)
    const { completed, failed, delayed, wait } = bull.keys('broken')
    for (const key of [completed, failed, delayed, wait]) await kernel.redis.set(key, 'not a set')
    await kernel.redis.hset(bull.keys('mail').job('dead'), {
      name: 'x',
      timestamp: 5,
      finishedOn: 9,
      failedReason: 'x',
    })
    await kernel.redis.zadd(bull.keys('mail').failed, 9, 'dead')
    await bull.discover()
    for (const query of [
      { state: 'failed' },
      { sort: '-finished_at' },
      {},
      { state: ['failed', 'delayed', 'waiting'] },
    ])
      expect((await jobs.list(me, JobsQuery.parse(query))).data.map(({ id }) => id)).toEqual(['mail:dead'])
  })
})
