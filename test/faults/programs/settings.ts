// BullMQ's settings as k1n ships them; a fault that needs two locks to run out within a minute may shorten them.
import * as real from '../../../shared/bullmq/settings.ts'

export * from '../../../shared/bullmq/settings.ts'

export const workerOptions = (): real.BullWorkerSettings => ({
  ...real.workerOptions(),
  ...(JSON.parse(process.env['K1N_TEST_LOCKS'] ?? '{}') as Partial<real.BullWorkerSettings>),
})
