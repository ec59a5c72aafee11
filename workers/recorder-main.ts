// The process that records, that makes deliveries of what is recorded, and that checks the rules of alerts: forked by the
// supervisor beside the workers; any number may run, one of them does each.
import { createChecker } from '../shared/alerts/checker.ts'
import { catalog } from '../shared/catalog/catalog.ts'
import { queuesOf } from '../shared/catalog/kind.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import { services as declaredServices } from '../shared/catalog/services.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { createFanOut } from '../shared/deliveries/fan-out.ts'
import { createRecorder } from '../shared/recorder/recorder.ts'
import { createTake } from '../shared/rewind/take.ts'
import { createServices } from '../shared/services/services.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const bull = createBull(kernel)
const services = createServices(kernel, { declared: declaredServices })
const takeMoment = createTake(kernel, { bull, services, own: queuesOf(catalog) })
const recorder = createRecorder(kernel, bull, { takeMoment })
const fanOut = createFanOut(kernel, bull)
const checker = createChecker(kernel, { bull, services })

const stop = async (): Promise<void> => {
  await checker.stop()
  await fanOut.stop()
  await recorder.stop()
  await bull.close()
  await kernel.close()
  process.exit(0)
}

process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => undefined)
exitWithParent(stop)
// Our own queues are followed from the start, before a first job makes them.
for (const queue of queuesOf(catalog)) void bull.claim(queue).catch(() => undefined)
await recorder.start()
await fanOut.start()
await checker.start()
process.send?.({ type: 'ready' })
setInterval(() => process.send?.({ type: 'beat' }), 1_000).unref()
