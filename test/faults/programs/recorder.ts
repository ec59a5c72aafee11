// The recorder as k1n ships it; a fault that kills it again and again may shorten its lease, and is told who records.
import { appendFileSync } from 'node:fs'
import type { Bull } from '../../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import * as real from '../../../shared/recorder/recorder.ts'

export * from '../../../shared/recorder/recorder.ts'

const tenures = process.env['K1N_TEST_TENURES']
const leaseMs = process.env['K1N_TEST_LEASE_MS']

/** A recorder opens connections for reading when it has the lease, and only then. */
const telling = (kernel: Kernel): Kernel => ({
  ...kernel,
  connect(role, name) {
    if (tenures !== undefined && name === 'k1n-recorder') appendFileSync(tenures, `${process.pid}\n`)
    return kernel.connect(role, name)
  },
})

export const createRecorder = (kernel: Kernel, bull: Bull, options: real.RecorderOptions = {}): real.Recorder =>
  real.createRecorder(telling(kernel), bull, {
    ...options,
    ...(leaseMs === undefined ? {} : { leaseMs: Number(leaseMs) }),
  })
