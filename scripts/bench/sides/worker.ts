// A worker process of k1n as it is run, with kinds of job that do nothing. Arguments: the number of queues, concurrency.
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createWorkerProcess } from '../../../workers/process.ts'
import { benchCatalog, benchHandlers } from '../catalog.ts'
import { serveSide } from '../side.ts'

const [, , queues = '1', concurrency = '100'] = process.argv
const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const catalog = benchCatalog(Number(queues))
const failures = new Map<string, number>()
const worker = createWorkerProcess(kernel, {
  workerId: `w_bench-${process.pid}`,
  catalog,
  handlers: benchHandlers(catalog, (queue) => failures.set(queue, (failures.get(queue) ?? 0) + 1)),
  concurrency: Number(concurrency),
  onHang: (queue) => process.stderr.write(`the queue ${queue} hangs\n`),
})
await worker.start()
serveSide({
  /** How many jobs of a queue have failed here. */
  failed: (queue: string) => failures.get(queue) ?? 0,
})
