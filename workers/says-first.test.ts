// A worker tells what became of a job before it asks for the next.
import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { expect, test } from '../test/support/fixtures.ts'
import { saysFirst } from './says-first.ts'

/** BullMQ's scripts by the number of their keys, which is the first argument of a call. */
const SCRIPTS: Readonly<Record<string, string>> = { '11': 'asks', '14': 'tells' }

/** What a connection says from now on, in order. */
const listenTo = (redis: Redis): string[] => {
  const said: string[] = []
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command, stream) => {
    const what = SCRIPTS[String(command.args[1])]
    if (command.name === 'evalsha' && what) said.push(what)
    return send(command, stream)
  }
  return said
}

test('a job that ends at once is told of before another is asked for', async ({ kernel, prefix }) => {
  const options = { connection: kernel.redis, prefix: kernel.bullPrefix }
  const queue = new Queue(prefix, options)
  const said = listenTo(kernel.redis)
  const work = (): Promise<void> => {
    said.push('runs')
    return Promise.resolve()
  }
  const worker = saysFirst(new Worker(prefix, work, { ...options, concurrency: 3 }))
  try {
    await expect.poll(() => Reflect.get(worker, 'waiting') !== null, { timeout: 10_000 }).toBe(true)
    said.length = 0
    await queue.add('any', {})
    await expect.poll(() => queue.getCompletedCount(), { timeout: 10_000 }).toBe(1)
    expect(said.slice(said.indexOf('runs') - 1, said.indexOf('runs') + 2)).toEqual(['asks', 'runs', 'tells'])
  } finally {
    await worker.close()
    await queue.close()
  }
})
