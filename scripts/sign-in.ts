// npm run sign-in: prints a new link that opens the dashboard once, within ten minutes.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOnce } from '../shared/auth/once.ts'
import { readSettings } from '../shared/kernel/config.ts'
import type { Settings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'

/** What a running `npm start` tells of itself in its data directory. */
const told = (settings: Settings, ...file: string[]): Record<string, unknown> => {
  try {
    return JSON.parse(readFileSync(join(settings.K1N_DATA_DIR, ...file), 'utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** `REDIS_URL` when it is set, else the Redis that `npm start` runs. */
const withRedis = (settings: Settings, env: NodeJS.ProcessEnv): Settings => {
  const { port } = told(settings, 'redis', 'redis.json')
  return env['REDIS_URL'] || typeof port !== 'number'
    ? settings
    : { ...settings, REDIS_URL: `redis://127.0.0.1:${port}` }
}

const addressOf = (settings: Settings): string => {
  const { url } = told(settings, 'lock')
  const host = ['0.0.0.0', '::'].includes(settings.HOST) ? 'localhost' : settings.HOST
  return settings.K1N_PUBLIC_URL ?? (typeof url === 'string' ? url : `http://${host}:${settings.PORT}`)
}

const main = async (): Promise<void> => {
  const settings = withRedis(readSettings(process.env), process.env)
  const kernel = createKernel({ settings, role: 'producer' })
  try {
    await once(kernel.redis, 'ready', { signal: AbortSignal.timeout(3_000) }).catch((cause: unknown) => {
      throw new Error('Redis does not answer. Is k1n running, and is REDIS_URL right?', { cause })
    })
    process.stdout.write(`${addressOf(settings)}/auth/login?code=${await createOnce(kernel).issueCode()}\n`)
  } finally {
    await kernel.close()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
