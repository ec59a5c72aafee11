// A k1n that stands still: a Redis as it was at one moment, kept, and the API on it at that moment. Pictures of its pages are the same
// on every run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import { generateKey } from '../../shared/kernel/api-key.ts'
import { startTestRedis } from '../support/redis-server.ts'
import { testSecretsKey } from '../support/secrets-key.ts'
import { childrenOf, run } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

export interface World {
  /** When all this was so, epoch ms. */
  at: number
  /** Addresses of pages by their names. */
  paths: Record<string, string>
}

const index = new URL('approved/world.json', import.meta.url)
/** What Redis itself writes of all it holds. */
const held = new URL('approved/world.rdb.gz', import.meta.url)
const DUMP = 'dump.rdb'

export const readWorld = (): World | undefined =>
  existsSync(index) && existsSync(held) ? (JSON.parse(readFileSync(index, 'utf8')) as World) : undefined

/** While this is done nobody works: what would expire stays, as nothing may be gone by the time it is looked at. */
const dump = async ({ url, dir }: Stack['redis']): Promise<Buffer> => {
  const redis = new Redis(url)
  try {
    await redis.eval("for _, key in ipairs(redis.call('keys', '*')) do redis.call('persist', key) end", 0)
    await redis.save()
  } finally {
    redis.disconnect()
  }
  return readFileSync(join(dir, DUMP))
}

/** Keeps a k1n as it is now. */
export const keepWorld = async ({ redis, workers }: Stack, paths: World['paths']): Promise<void> => {
  const { pid = 0 } = workers.process
  const working = [pid, ...childrenOf(pid)]
  for (const one of working) process.kill(one, 'SIGSTOP')
  const at = Math.ceil(Date.now() / 1_000) * 1_000
  const bytes = await dump(redis)
  for (const one of working) process.kill(one, 'SIGCONT')
  mkdirSync(new URL('.', held), { recursive: true })
  writeFileSync(held, gzipSync(bytes, { level: 9 }))
  writeFileSync(index, `${JSON.stringify({ at, paths }, null, 2)}\n`)
}

/** Who may look where no time passes: no limit that is by the minute ends. */
const NO_LIMITS = { K1N_ANONYMOUS_PER_MINUTE: '1000000' }

/** Starts it as it was kept. */
export const openWorld = async ({ at }: World): Promise<Pick<Stack, 'url' | 'key'> & { stop(): Promise<void> }> => {
  const dir = mkdtempSync(join(tmpdir(), 'k1n-world-'))
  writeFileSync(join(dir, DUMP), gunzipSync(readFileSync(held)))
  const redis = await startTestRedis({ dir, appendonly: false })
  const key = generateKey('sk')
  const api = await run(fileURLToPath(new URL('programs/still.ts', import.meta.url)), {
    ...{ REDIS_URL: redis.url, K1N_DATA_DIR: dir, K1N_ADMIN_KEY: key, K1N_SECRETS_KEY: testSecretsKey, PORT: '0' },
    ...{ K1N_DEMO: 'off', K1N_LOG_LEVEL: 'error', K1N_TEST_MOMENT: String(at), ...NO_LIMITS },
  })
  return {
    url: String(api.ready['url']),
    key,
    async stop() {
      await api.stop()
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
