// Removing many jobs at once leaves Redis as BullMQ's own removal of each would.
import { FlowProducer } from 'bullmq'
import { vi } from 'vitest'
import { everythingOf, lay } from '../../test/support/dead-letters.ts'
import { expect, test } from '../../test/support/rooms.ts'
import type { Standing } from './remove-many.ts'

const jobs: readonly Standing[] = [
  { id: 'waits', state: 'waiting' },
  { id: 'urgent', state: 'prioritized' },
  { id: 'later', state: 'delayed' },
  { id: 'dead', state: 'failed', endedAt: 1_700_000_000_000 },
  { id: 'one:of:a', state: 'waiting' },
  { id: '🦊', state: 'waiting' },
]

test('jobs of every state are removed as BullMQ removes them, and nothing else is', async ({ kernel, bull }) => {
  for (const name of ['ours', 'theirs']) {
    const queue = bull.queue(name)
    await queue.add('x', {}, { jobId: 'waits', deduplication: { id: 'only' }, timestamp: 1 })
    await queue.add('x', {}, { jobId: 'urgent', priority: 3, timestamp: 1 })
    await queue.add('x', {}, { jobId: 'later', delay: 60_000, timestamp: 1 })
    await queue.add('x', {}, { jobId: 'one:of:a', timestamp: 1 })
    await queue.add('x', {}, { jobId: '🦊', timestamp: 1 })
    await queue.add('x', {}, { jobId: 'stays', timestamp: 1 })
    await queue.addJobLog('waits', 'a line')
    await lay({ kernel, bull }, name, 'dead', 1_700_000_000_000)
  }
  expect(await bull.removeMany('ours', jobs)).toEqual(jobs.map(() => 'removed'))
  for (const { id } of jobs) await bull.queue('theirs').remove(id, { removeChildren: false })
  const { marker: _ours, ...ours } = await everythingOf({ kernel, bull }, 'ours')
  const { marker: _theirs, ...theirs } = await everythingOf({ kernel, bull }, 'theirs')
  const told = (found: Record<string, unknown>) =>
    (found['events'] as string[][]).filter((fields) => fields.includes('removed'))
  expect(told(ours)).toEqual(told(theirs))
  const { events: _mine, delayed: _when, ...rest } = ours
  const { events: _others, delayed: _then, ...same } = theirs
  expect(rest).toEqual(same)
  expect(rest['wait']).toEqual(['stays'])
})

test('a parent runs when the last child it waits for was removed, as with BullMQ', async ({ kernel, bull }) => {
  const flows = new FlowProducer({ connection: kernel.redis, prefix: kernel.bullPrefix })
  for (const name of ['ours', 'theirs']) {
    const child = (id: string) => ({ name: 'c', queueName: `${name}-children`, opts: { jobId: id, timestamp: 1 } })
    await flows.add({
      ...{ name: 'p', queueName: name, opts: { jobId: 'parent', timestamp: 1 } },
      children: [child('a'), child('b')],
    })
  }
  const remove = async (id: string) => {
    expect(await bull.removeMany('ours-children', [{ id, state: 'waiting' }])).toEqual(['removed'])
    await bull.queue('theirs-children').remove(id, { removeChildren: false })
    const [ours, theirs] = [
      await everythingOf({ kernel, bull }, 'ours'),
      await everythingOf({ kernel, bull }, 'theirs'),
    ]
    expect(JSON.stringify(ours).replaceAll('ours', 'theirs')).toEqual(JSON.stringify(theirs))
    return bull.stateOf([{ queue: 'ours', id: 'parent' }])
  }
  expect(await remove('a')).toEqual(['waiting_children'])
  expect(await remove('b')).toEqual(['waiting'])
  await flows.close()
})

test('a parent whose id holds colons is found too', async ({ kernel, bull }) => {
  const flows = new FlowProducer({ connection: kernel.redis, prefix: kernel.bullPrefix })
  await flows.add({
    ...{ name: 'p', queueName: 'ours', opts: { jobId: 'p:1:2' } },
    children: [{ name: 'c', queueName: 'ours', opts: { jobId: 'child' } }],
  })
  expect(await bull.removeMany('ours', [{ id: 'child', state: 'waiting' }])).toEqual(['removed'])
  expect(await bull.stateOf([{ queue: 'ours', id: 'p:1:2' }])).toEqual(['waiting'])
  await flows.close()
})

test('what is not where it was found, is held, or belongs to a scheduler stays', async ({ kernel, bull }) => {
  const queue = bull.queue('q')
  await queue.add('x', {}, { jobId: 'waits' })
  await queue.add('x', {}, { jobId: 'held' })
  await kernel.redis.set(bull.keys('q').lock('held'), 'token')
  await lay({ kernel, bull }, 'q', 'dead', 5)
  const scheduled = await queue.upsertJobScheduler('s', { every: 60_000 })
  const before = await everythingOf({ kernel, bull }, 'q')
  expect(
    await bull.removeMany('q', [
      { id: 'waits', state: 'delayed' },
      { id: 'waits', state: 'unknown' },
      { id: 'held', state: 'waiting' },
      { id: 'dead', state: 'failed', endedAt: 6 },
      { id: 'nobody', state: 'waiting' },
      { id: scheduled?.id ?? '', state: 'delayed' },
    ]),
  ).toEqual(['not_in_state', 'not_in_state', 'locked', 'changed', 'missing', 'scheduled'])
  expect(await everythingOf({ kernel, bull }, 'q')).toEqual(before)
})

test('jobs that are in no list are looked for in a long line few at a time', async ({ kernel, bull }) => {
  const ids = ['a', 'b', 'c', 'd']
  for (const id of ids)
    await kernel.redis.hset(`${kernel.bullPrefix}:ours:${id}`, { timestamp: 1, name: 'x', data: '{}' })
  const line = Array.from({ length: 125_000 }, (_, n) => `old-${n}`)
  for (let from = 0; from < line.length; from += 5_000)
    await kernel.redis.rpush(`${kernel.bullPrefix}:ours:wait`, ...line.slice(from, from + 5_000))
  const calls = vi.spyOn(kernel.redis, 'evalsha')
  expect(await bull.removeMany('ours', ids.map((id) => ({ id, state: 'unknown' })))).toEqual(ids.map(() => 'removed')) // prettier-ignore
  expect(calls).toHaveBeenCalledTimes(2)
})

test('a job leaves a long line wherever in it it stands, and no other does', async ({ kernel, bull }) => {
  const keys = bull.keys('line')
  const line = Array.from({ length: 50_000 }, (_, n) => `j-${n}`)
  await kernel.redis.rpush(keys.wait, ...line)
  const leaving = ['j-0', 'j-1500', 'j-25000', 'j-48000', 'j-49999']
  for (const id of leaving) await kernel.redis.hset(keys.job(id), { timestamp: 1, name: 'x', data: '{}' })
  const removed = await bull.removeMany('line', leaving.map((id) => ({ id, state: 'waiting' as const }))) // prettier-ignore
  expect(removed).toEqual(leaving.map(() => 'removed'))
  expect(await kernel.redis.lrange(keys.wait, 0, -1)).toEqual(line.filter((id) => !leaving.includes(id)))
})
