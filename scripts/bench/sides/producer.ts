// Makes BullMQ change states at an even pace: a running job tells its progress, stamped with the machine's one clock.
import { Queue } from 'bullmq'
import { QUEUE, payloadOf } from '../catalog.ts'
import { serveSide } from '../side.ts'

const url = process.env['REDIS_URL'] ?? ''
const open = async (prefix: string) => {
  const queue = new Queue(QUEUE, { connection: { url, maxRetriesPerRequest: null }, prefix })
  return await queue.add('noop', payloadOf(0))
}
const jobs = { raw: await open('raw'), bull: await open('bull') }

serveSide({
  /** Tells `count` changes at `perSecond`; each carries ns of CLOCK_MONOTONIC, which all processes share. */
  async tell(prefix: 'raw' | 'bull', count: number, perSecond: number) {
    const job = jobs[prefix]
    const begun = performance.now()
    const running: Promise<void>[] = []
    for (let n = 0; n < count;) {
      const due = Math.min(count, Math.floor(((performance.now() - begun) * perSecond) / 1_000))
      for (; n < due; n++) running.push(job.updateProgress({ stamp: String(process.hrtime.bigint()), n }))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all(running)
  },
})
