// k1n's recorder, asked to apply everything there is.
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { serveSide } from '../side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const recorder = createRecorder(kernel, createBull(kernel))
serveSide({
  /** Answers how many entries were applied. */
  catchUp: () => recorder.catchUp(),
})
