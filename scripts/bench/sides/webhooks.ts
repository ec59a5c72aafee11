// A worker process of k1n that sends webhooks, as it is run. Argument: concurrency.
import { catalogOf } from '../../../shared/catalog/catalog.ts'
import { webhookDeliver } from '../../../shared/catalog/webhook-deliver.ts'
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { createDeliverer } from '../../../shared/deliveries/deliver.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createReceivers } from '../../../shared/webhooks/receivers.ts'
import { createWorkerProcess } from '../../../workers/process.ts'
import { serveSide } from '../side.ts'

const slots = Number(process.argv[2] ?? '50')
const settings = readSettings(process.env)
const kernel = createKernel({ settings, role: 'worker' })
const outbound = createReceivers({ ...settings, REDIS_URL: 'redis://redis.invalid' }, { keepMs: 4_000 })
const deliverer = createDeliverer(kernel, { bull: createBull(kernel), outbound, slots })
const worker = createWorkerProcess(kernel, {
  workerId: `w_bench-${process.pid}`,
  catalog: catalogOf(webhookDeliver),
  handlers: { 'webhook.deliver': deliverer.handler },
  beside: deliverer.services,
  concurrency: slots,
  onHang: (queue) => process.stderr.write(`the queue ${queue} hangs\n`),
})
await worker.start()
serveSide({})
