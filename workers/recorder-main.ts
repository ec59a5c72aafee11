// The process that records: forked by the supervisor beside the workers; any number may run, one of them records.
import { createBull } from '../shared/bullmq/bullmq.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { createRecorder } from '../shared/recorder/recorder.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const bull = createBull(kernel)
const recorder = createRecorder(kernel, bull)

const stop = async (): Promise<void> => {
  await recorder.stop()
  await bull.close()
  await kernel.close()
  process.exit(0)
}

process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => undefined)
exitWithParent(stop)
await recorder.start()
process.send?.({ type: 'ready' })
setInterval(() => process.send?.({ type: 'beat' }), 1_000).unref()
