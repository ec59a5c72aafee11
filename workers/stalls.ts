// Has workers look for stalled jobs where some may be: nearly all queues of an idle process have none that runs.
import type { Worker } from 'bullmq'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { createBatch } from '../shared/kernel/batch.ts'
import { existing } from '../shared/kernel/existing.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'

/** What of a worker is meant: how it looks for jobs whose worker is gone. */
interface Looking {
  moveStalledJobsToWait: () => Promise<void>
}

/** Queues that are asked about at once. */
const QUEUES_MAX = 1_000
/** How long those that look wait for one another, in ms. Having been answered together, they look together from then on. */
const GATHER_MS = 100

/** Makes a function that tells whether anything runs in a queue, or ran when somebody looked last. */
export const createBusy = (kernel: Kernel, bull: Bull): ((queue: string) => Promise<boolean>) =>
  createBatch(
    QUEUES_MAX,
    async (queues) => {
      const keysOf = (queue: string): string[] => [bull.keys(queue).active, bull.keys(queue).stalled]
      const there = await existing(kernel.redis, queues.flatMap(keysOf))
      return queues.map((queue) => keysOf(queue).some((key) => there.has(key)))
    },
    GATHER_MS,
  )

/** Has a worker that was just made look for stalled jobs only when `isBusy`. BullMQ's look takes seven commands, every few seconds
 *  for every queue, and where nothing runs it finds nothing and notes nothing. */
export const looksWhereBusy = <W extends Worker>(worker: W, isBusy: () => Promise<boolean>): W => {
  const looking = worker as unknown as Looking
  const look = looking.moveStalledJobsToWait.bind(worker)
  looking.moveStalledJobsToWait = async () => {
    if (await isBusy()) await look()
  }
  return worker
}
