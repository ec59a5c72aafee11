// Looking for stalled jobs costs what runs: nothing where nothing does, and no job whose worker is gone is missed.
import { Queue, Worker } from 'bullmq'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { expect, test as base } from '../test/support/fixtures.ts'
import { createBusy, looksWhereBusy } from './stalls.ts'

interface Given {
  queue: Queue
  /** A worker that runs nothing and looks every 20 ms, by what it does with a job. */
  open: (options?: object) => Worker
}

const optionsOf = (kernel: Kernel) => ({ connection: kernel.redis, prefix: kernel.bullPrefix })

const test = base.extend<Given>({
  queue: async ({ kernel, prefix }, use) => {
    const queue = new Queue(prefix, optionsOf(kernel))
    await use(queue)
    await queue.close()
  },
  open: async ({ kernel, prefix }, use) => {
    const bull = createBull(kernel)
    const isBusy = createBusy(kernel, bull)
    const opened: Worker[] = []
    await use((options = {}) => {
      const settings = { ...optionsOf(kernel), stalledInterval: 20, autorun: false, ...options }
      const worker = looksWhereBusy(new Worker(prefix, null, settings), () => isBusy(prefix))
      opened.push(worker)
      return worker
    })
    await Promise.all(opened.map((worker) => worker.close()))
    await bull.close()
  },
})

const keyOf = (kernel: Kernel, prefix: string, name: string): string => `${kernel.bullPrefix}:${prefix}:${name}`

test('a job whose worker is gone goes back into line', async ({ queue, open }) => {
  await queue.add('any', {})
  const gone = open({ lockDuration: 50 })
  const job = await gone.getNextJob('gone', { block: false })
  const stalled: string[] = []
  const worker = open().on('stalled', (id) => stalled.push(id))
  await worker.startStalledCheckTimer()
  await expect.poll(() => queue.getWaitingCount(), { timeout: 10_000 }).toBe(1)
  expect(stalled).toEqual([job?.id])
})

test('where nothing runs there is no look', async ({ queue, open, kernel, prefix }) => {
  await queue.add('any', {})
  const worker = open() as unknown as { moveStalledJobsToWait(): Promise<void> }
  await worker.moveStalledJobsToWait()
  expect(await kernel.redis.exists(keyOf(kernel, prefix, 'stalled-check'))).toBe(0)
  await open().getNextJob('runs', { block: false })
  await worker.moveStalledJobsToWait()
  expect(await kernel.redis.exists(keyOf(kernel, prefix, 'stalled-check'), keyOf(kernel, prefix, 'stalled'))).toBe(2)
})

test('BullMQ still looks through what is replaced here', () => {
  expect(Worker.prototype).toHaveProperty('moveStalledJobsToWait')
})
