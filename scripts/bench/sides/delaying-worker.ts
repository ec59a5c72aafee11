// The floor of parking: BullMQ's own worker, which delays each job it is given by an hour. Argument: concurrency.
import { DelayedError, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { workerOptions } from '../../../shared/bullmq/bullmq.ts'
import { QUEUE } from '../catalog.ts'
import { serveSide } from '../side.ts'

const [, , concurrency = '100'] = process.argv
const { stackTraceLimit: _option, ...settings } = workerOptions()
const HOUR_MS = 3_600_000
const worker = new Worker(
  QUEUE,
  async (job, token) => {
    await job.moveToDelayed(Date.now() + HOUR_MS, token)
    throw new DelayedError()
  },
  {
    ...settings,
    connection: new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null }),
    prefix: 'raw',
    concurrency: Number(concurrency),
  },
)
worker.on('error', () => undefined)
await worker.waitUntilReady()
serveSide({})
