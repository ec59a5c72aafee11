// k1n's recorder, asked to record everything there is of one queue. First argument: the queue.
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createRecorderStore } from '../../../shared/recorder/store.ts'
import { followQueue } from '../follow.ts'
import { serveSide } from '../side.ts'

/** Longer than a row, as nobody else wants it. */
const LEASE_MS = 120_000

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const store = createRecorderStore(kernel, LEASE_MS)
serveSide({
  /** Answers how many events were recorded. */
  catchUp: followQueue(kernel, createBull(kernel), store, process.argv[2] ?? ''),
})
