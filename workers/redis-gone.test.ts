// Whoever stops k1n once its Redis has gone does not wait for Redis to come back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestRedis } from '../test/support/redis-server.ts'
import { run } from '../test/support/stack.ts'

test('workers end in order although Redis has gone', { timeout: 60_000 }, async () => {
  const redis = await startTestRedis()
  const dir = await mkdtemp(join(tmpdir(), 'k1n-gone-'))
  const env = { K1N_SHUTDOWN_GRACE_MS: '500', K1N_WORKERS: '1', K1N_DEMO: 'off' }
  try {
    const workers = await run('workers/main.ts', { ...env, REDIS_URL: redis.url, K1N_DATA_DIR: dir })
    await redis.stop()
    expect(await workers.stop()).toBe(0)
  } finally {
    await redis.stop()
    await rm(dir, { recursive: true, force: true })
  }
})
