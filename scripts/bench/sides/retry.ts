// BullMQ's own retry, asked to give failed jobs another life, so many at once.
import { Job, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { serveSide } from '../side.ts'

const AT_ONCE = 100

const connection = new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null })

serveSide({
  /** Retries the jobs `old-<n>` of a queue. */
  async retry(name: string, count: number) {
    const queue = new Queue(name, { connection, skipMetasUpdate: true })
    let next = 0
    const one = async (): Promise<void> => {
      while (next < count) {
        const job = new Job(queue, '', {}, {}, `old-${next++}`)
        await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, one))
    await queue.close()
    return count
  },
})
