// The settings that all programs of a stage start with.
import { join } from 'node:path'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { testSecretsKey } from '../../support/secrets-key.ts'
import type { Stage, StageOptions } from './stage.ts'

/** The key that may do everything. */
export const adminKey = generateKey('sk')

/** What a stage is asked for as settings of k1n and of the hook; see `programs/hook.ts`. */
export const environment = (
  redisUrl: string,
  ledgers: Stage['ledgers'],
  dir: string,
  { workers = 3, concurrency = 10, graceMs, locks, leaseMs, env }: StageOptions,
): Record<string, string> => ({
  PORT: '0',
  REDIS_URL: redisUrl,
  K1N_DATA_DIR: join(dir, 'data'),
  K1N_ADMIN_KEY: adminKey,
  K1N_SECRETS_KEY: testSecretsKey,
  K1N_DEMO: 'off',
  K1N_WORKERS: String(workers),
  K1N_CONCURRENCY: String(concurrency),
  K1N_LOG_LEVEL: 'info',
  K1N_TEST_LEDGER: ledgers.executions,
  K1N_TEST_TENURES: ledgers.tenures,
  K1N_TEST_LEASES: ledgers.leases,
  K1N_TEST_MEMORY: ledgers.memory,
  ...(leaseMs === undefined ? {} : { K1N_TEST_LEASE_MS: String(leaseMs) }),
  ...(graceMs === undefined ? {} : { K1N_SHUTDOWN_GRACE_MS: String(graceMs) }),
  ...(locks === undefined ? {} : { K1N_TEST_LOCKS: JSON.stringify(locks) }),
  ...env,
})
