// Bringing jobs forward, compared with BullMQ's own way for one.
import { expect, test } from '../../test/support/rooms.ts'
import { hasten } from './hasten.ts'

test('delayed jobs wait as if BullMQ had promoted them, and others are left alone', async ({ kernel, bull }) => {
  const [ours, theirs] = [bull.queue('ours'), bull.queue('theirs')]
  for (const queue of [ours, theirs]) {
    for (const id of ['a', 'b']) await queue.add('x', {}, { jobId: id, delay: 60_000 })
    await queue.add('x', {}, { jobId: 'urgent', delay: 60_000, priority: 3 })
    await queue.add('x', {}, { jobId: 'c' })
  }
  const ids = ['b', 'urgent', 'c', 'gone', 'a']
  const hastened = await hasten(kernel, bull.keys('ours'), ids)
  expect(hastened).toEqual(['waits', 'waits', 'not_delayed', 'missing', 'waits'])
  for (const id of ids) await (await theirs.getJob(id))?.promote().catch(() => undefined)
  const stateOf = async (name: string) => {
    const { wait, delayed, prioritized, marker, events } = bull.keys(name)
    const told = (await kernel.redis.xrange(events, '-', '+'))
      .map(([, fields]) => fields)
      .filter((fields) => fields.includes('prev'))
    return {
      told,
      wait: await kernel.redis.lrange(wait, 0, -1),
      sets: await Promise.all([delayed, prioritized].map((key) => kernel.redis.zrange(key, 0, -1, 'WITHSCORES'))),
      // The other marker tells when the next delayed job is due.
      marker: await kernel.redis.zscore(marker, '0'),
      delays: await Promise.all(ids.map((id) => kernel.redis.hget(bull.keys(name).job(id), 'delay'))),
    }
  }
  expect(await stateOf('ours')).toEqual(await stateOf('theirs'))
})
