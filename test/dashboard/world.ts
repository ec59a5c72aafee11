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
import type { Running, Stack } from '../support/stack.ts'

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

/** What would expire stays, as nothing may be gone by the time it is looked at. */
const PERSIST = `
local expiring = 0
for _, key in ipairs(redis.call('keys', '*')) do expiring = expiring + redis.call('persist', key) end
return expiring`

/** While this is done nobody may write. */
const dump = async ({ url, dir }: Stack['redis']): Promise<Buffer> => {
  const redis = new Redis(url)
  try {
    // What was on its way when the last one stopped comes a moment later.
    while ((await redis.eval(PERSIST, 0)) !== 0);
    await redis.save()
  } finally {
    redis.disconnect()
  }
  return readFileSync(join(dir, DUMP))
}

/** Runs something while programs and all they started stand still. */
const whileStopped = async <T>(programs: readonly Running[], work: () => Promise<T>): Promise<T> => {
  const stopped: number[] = []
  const stop = (pid: number): void => {
    process.kill(pid, 'SIGSTOP')
    stopped.push(pid)
    // Asked now that it starts no more.
    for (const child of childrenOf(pid)) stop(child)
  }
  try {
    for (const { process: program } of programs) {
      // Without one it would be this very process that stops.
      if (program.pid === undefined) throw new Error('a program whose work is to stand still does not run')
      stop(program.pid)
    }
    return await work()
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
  }
}

/** Has everything record under a name of ours, not of the machine it was recorded on. */
export const NAMED = { NODE_OPTIONS: `--import=${new URL('programs/named.ts', import.meta.url).href}` }

/** Keeps a k1n as it is now. */
export const keepWorld = async ({ redis, api, workers }: Stack, paths: World['paths']): Promise<void> => {
  const { at, bytes } = await whileStopped([workers, api], async () => ({
    at: Math.ceil(Date.now() / 1_000) * 1_000,
    bytes: await dump(redis),
  }))
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
