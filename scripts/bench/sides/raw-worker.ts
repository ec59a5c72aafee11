// The floor of running jobs: BullMQ's own workers with the settings k1n gives its own. Arguments: queues, concurrency.
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { queuesOf } from '../../../shared/catalog/kind.ts'
import { workerOptions } from '../../../shared/bullmq/bullmq.ts'
import { benchCatalog } from '../catalog.ts'
import { serveSide } from '../side.ts'

const [, , queues = '1', concurrency = '100', sharing = 'own'] = process.argv
const { stackTraceLimit: _option, ...settings } = workerOptions()
const connect = (): Redis => new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null })
const shared = sharing === 'shared' ? connect() : undefined
const workers = queuesOf(benchCatalog(Number(queues))).map(
  (queue) =>
    new Worker(queue, async () => ({ ok: true }), {
      ...settings,
      connection: shared ?? { url: process.env['REDIS_URL'] ?? '', maxRetriesPerRequest: null },
      prefix: 'raw',
      concurrency: Number(concurrency),
    }),
)
for (const worker of workers) worker.on('error', () => undefined)
await Promise.all(workers.map((worker) => worker.waitUntilReady()))
serveSide({})
