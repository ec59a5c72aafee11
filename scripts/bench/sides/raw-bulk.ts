// The floor of accepting many jobs at once: BullMQ's `addBulk`, asked in this process.
import { Queue } from 'bullmq'
import { payloadOf, QUEUE } from '../catalog.ts'
import { serveSide } from '../side.ts'

const queue = new Queue(QUEUE, { connection: { url: process.env['REDIS_URL'] ?? '' }, prefix: 'raw' })
await queue.waitUntilReady()
let made = 0

const addMany = async (jobs: number): Promise<void> => {
  const many = Array.from({ length: jobs }, () => ({
    name: 'noop',
    data: payloadOf(made++),
    opts: { attempts: 5, backoff: 1_000 },
  }))
  await queue.addBulk(many)
}

serveSide({
  /** Adds so many jobs in each call for `ms`, some calls at once. Answers how many jobs were added and in how many seconds. */
  async run(ms: number, jobs: number, atOnce: number) {
    const [begun, before] = [performance.now(), made]
    const lane = async (): Promise<void> => {
      while (performance.now() - begun < ms) await addMany(jobs)
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    return { count: made - before, seconds: (performance.now() - begun) / 1_000 }
  },
})
