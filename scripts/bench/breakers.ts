// A process's view of breakers for benchmarks, with the defaults of all services.
import { createBreakerClient } from '../../shared/breakers/client.ts'
import type { BreakerClient } from '../../shared/breakers/client.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { DEFAULT_CONFIG } from '../../shared/services/declare.ts'
import type { BenchRedis } from './redis.ts'
import type { Bench } from './row.ts'

/** Stopped with the row. */
export const openBreakers = async (bench: Bench, redis: BenchRedis): Promise<BreakerClient> => {
  const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'worker' })
  const client = createBreakerClient(kernel, { configOf: () => DEFAULT_CONFIG })
  await client.start()
  bench.after(() => client.stop().then(() => kernel.close()))
  return client
}
