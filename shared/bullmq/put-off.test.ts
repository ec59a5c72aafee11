// Putting jobs off, compared with what BullMQ's own script makes of one that a worker had fetched.
import { Worker } from 'bullmq'
import { expect, test } from '../../test/support/rooms.ts'
import { createParking } from '../../workers/parking.ts'
import { createWaitingLine } from '../calls/line.ts'
import { parkOf } from '../jobs/state.ts'

const hold = {
  service: 'wh_a',
  cause: 'concurrency',
  untilMs: 0,
  reason: 'all its places are taken',
  isOwnTime: true,
} as const

test('waiting jobs are delayed as if a worker had fetched and parked them, and others are left alone', async ({
  kernel,
  bull,
  clock,
}) => {
  const [ours, theirs] = [bull.queue('ours'), bull.queue('theirs')]
  const until = clock.now() + 60_000
  const ids = ['a', 'b', 'c', 'd']
  for (const queue of [ours, theirs]) {
    await queue.add('x', {}, { jobId: 'later', delay: 90_000, timestamp: clock.now() })
    for (const id of ids) await queue.add('x', {}, { jobId: id })
    await queue.add('x', {}, { jobId: 'urgent', priority: 3 })
  }
  const { service, cause, reason } = hold
  const mark = { service, cause, until, since: clock.now(), reason }
  expect(await bull.next('ours', 3)).toEqual(['c', 'b', 'a'])
  const asked = ['b', 'urgent', 'd', 'gone', 'later', 'a']
  const answers = await bull.putOff('ours', asked, { until, mark, within: 3 })
  expect(answers).toEqual([true, false, false, false, false, true])

  const park = createParking(kernel, { line: createWaitingLine(kernel), perSecondOf: () => undefined })
  const worker = new Worker(theirs.name, null, { connection: kernel.redis, prefix: kernel.bullPrefix })
  const fetched = [await worker.getNextJob('token'), await worker.getNextJob('token')]
  for (const job of fetched.reverse()) if (job) await park(job, 'token', { ...hold, untilMs: until })
  await worker.close()
  const stateOf = async (name: string) => {
    const keys = bull.keys(name)
    const { delayed, events, marker } = keys
    const told = (await kernel.redis.xrange(events, '-', '+')).map(([, fields]) => fields)
    return {
      told: told
        .filter((fields) => fields.includes('a') || fields.includes('b'))
        .filter((fields) => fields[1] === 'delayed'),
      delayed: await kernel.redis.zrange(delayed, 0, -1, 'WITHSCORES'),
      marker: await kernel.redis.zscore(marker, '1'),
      delays: await Promise.all(['a', 'b'].map((id) => kernel.redis.hget(keys.job(id), 'delay'))),
    }
  }
  expect(await stateOf('ours')).toEqual(await stateOf('theirs'))
  expect(await bull.next('ours', 9)).toEqual(['d', 'c'])
  const [a] = await bull.readRaw([{ queue: 'ours', id: 'a' }])
  expect(a && parkOf(a)).toMatchObject({ service, cause, untilMs: until, sinceMs: clock.now(), reason })
})

test('an id in the line whose job is gone is left there', async ({ kernel, bull, clock }) => {
  const { wait, job } = { ...bull.keys('ours'), job: bull.keys('ours').prefix + 'ghost' }
  await kernel.redis.lpush(wait, 'ghost')
  expect(await bull.putOff('ours', ['ghost'], { until: clock.now() + 1_000, mark: {}, within: 9 })).toEqual([false])
  expect(await kernel.redis.exists(job)).toBe(0)
})
