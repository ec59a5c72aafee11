// A worker's loop waits for what it always waited for, and keeps nothing of what has ended.
import { Queue, Worker } from 'bullmq'
import type { AsyncFifoQueue } from 'bullmq'
import fc from 'fast-check'
import { expect, test } from '../test/support/fixtures.ts'
import { Few, lean } from './lean.ts'

test('a few hold what a Set would hold, in whatever order things are put in once and taken out', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9), { freq: 2 }), { maxLength: 40 }), (steps) => {
      const few = new Few<number>()
      const known = new Set<number>()
      steps.forEach((step, thing) => {
        if (step === null) {
          few.add(thing)
          known.add(thing)
        } else expect(few.delete(step)).toBe(known.delete(step))
        expect([...few].sort((a, b) => a - b)).toEqual([...known].sort((a, b) => a - b))
        expect(few.size).toBe(known.size)
      })
    }),
  )
})

test('each loop of a worker keeps what it waits for in a few, also after a pause', async ({ kernel, prefix }) => {
  const options = { connection: kernel.redis, prefix: kernel.bullPrefix }
  const queue = new Queue(prefix, options)
  const worker = lean(new Worker(prefix, () => Promise.resolve(), { ...options, concurrency: 3 }))
  const loop = () => Reflect.get(worker, 'mainLoopQueue') as AsyncFifoQueue<unknown> | null
  const seen = new Set<unknown>()
  try {
    for (let round = 0; round < 2; round++) {
      await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'any', data: {} })))
      await expect.poll(() => queue.getCompletedCount(), { timeout: 10_000 }).toBe(10 * (round + 1))
      // The idle loop waits for the job it asked for, in what was put there.
      const pending: unknown = Reflect.get(loop() ?? {}, 'pending')
      expect(pending).toBeInstanceOf(Few)
      await expect.poll(() => loop()?.numPending()).toBe(1)
      expect(pending).toHaveProperty('size', 1)
      seen.add(loop())
      await worker.pause()
      expect(loop()).toBe(null)
      await worker.resume()
    }
    expect(seen.size).toBe(2)
  } finally {
    await worker.close()
    await queue.close()
  }
})
