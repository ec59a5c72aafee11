// A worker process of k1n whose jobs call a service that lets nobody in, in a queue with another kind. Argument: concurrency.
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createWorkerProcess } from '../../../workers/process.ts'
import { benchCatalog, benchHandlers } from '../catalog.ts'
import { serveSide } from '../side.ts'

const [, , concurrency = '100', service = ''] = process.argv
const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const { noop, ...others } = benchCatalog()
if (noop === undefined) throw new Error('there is no kind that does nothing')
const catalog = { noop: { ...noop, service, serviceOf: () => service }, ...others }
const worker = createWorkerProcess(kernel, {
  workerId: `w_bench-${process.pid}`,
  catalog,
  handlers: benchHandlers(catalog),
  concurrency: Number(concurrency),
  onHang: (queue) => process.stderr.write(`the queue ${queue} hangs\n`),
})
await worker.start()
serveSide({})
