// Runs k1n on one machine: a Redis, the API, the workers and the demo, kept running until Ctrl-C stops them in order.
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readSettings, SettingsError, type Settings } from '../shared/kernel/config.ts'
import { bundles } from './setup/bundle.mjs'
import { freePort } from './setup/free-port.mjs'
import type { RedisChoice } from './setup/redis.mjs'
import { adminKey, adminKeyFile } from './start/admin-key.ts'
import { banner } from './start/banner.ts'
import type { Ready } from './start/child.ts'
import { createFleet, type Fleet } from './start/fleet.ts'
import { takeLock, type Lock } from './start/lock.ts'
import { alreadyRunning, InTheWay, needFreePort, redisAnswers } from './start/obstacles.ts'
import { ourProcess, redisHome, redisProcess } from './start/processes.ts'
import { secretsKey } from './start/secrets-key.ts'
import { stopOnSignals } from './start/signals.ts'
import { createTerminal } from './start/terminal.ts'

/** `start.mjs` chose the Redis, and installed one when it had to. */
const redisChoice = JSON.parse(process.argv[2] ?? '{}') as RedisChoice
const tell = createTerminal((text) => process.stdout.write(text))

const main = async (): Promise<void> => {
  const settings = readSettings(process.env)
  const dataDir = settings.K1N_DATA_DIR
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const attempt = takeLock(dataDir)
  if (!attempt.taken) throw alreadyRunning(shortened(dataDir), attempt.holder)
  const { lock, wasStale } = attempt
  process.once('exit', lock.release)
  await needFreePort(settings.HOST, settings.PORT, wasStale ? 8_000 : 0)
  const keys = {
    K1N_ADMIN_KEY: adminKey(dataDir, settings.K1N_ADMIN_KEY),
    K1N_SECRETS_KEY: secretsKey(dataDir, process.env['K1N_SECRETS_KEY']),
  }
  await up(settings, keys, lock)
}

type Keys = Record<'K1N_ADMIN_KEY' | 'K1N_SECRETS_KEY', string>

const up = async (settings: Settings, keys: Keys, lock: Lock): Promise<void> => {
  const fleet = createFleet(tell, (message) => void giveUp(message))
  const giveUp = stopOnSignals(fleet, tell)
  const redisUrl = await redis(fleet, settings)
  const env = await environment(settings, keys, redisUrl)
  const workers = fleet.start(ourProcess('workers', 'workers/main.ts', settings.K1N_DATA_DIR, env))
  const api = fleet.start(ourProcess('api', bundles.api.entry, settings.K1N_DATA_DIR, env))
  const [{ url, signInUrl }] = await Promise.all([heard('api', api.ready), heard('workers', workers.ready)])
  lock.tell(String(url))
  const demo = settings.K1N_DEMO === 'on' ? await startDemo(fleet, settings, env) : undefined
  const files = {
    adminKeyFile: shortened(adminKeyFile(settings.K1N_DATA_DIR)),
    logs: shortened(join(settings.K1N_DATA_DIR, 'logs')),
  }
  process.stdout.write(banner({ ...files, url: String(url), signInUrl: text(signInUrl), redisUrl, demo }))
}

/** The Redis in use, by its URL: somebody's, or a child of ours that serves by the time this returns. */
const redis = async (fleet: Fleet, settings: Settings): Promise<string> => {
  if (redisChoice.kind === 'url') {
    if (!(await redisAnswers(redisChoice.url))) tell('REDIS_URL does not answer yet; k1n starts and waits for it')
    return redisChoice.url
  }
  const home = await redisHome(redisChoice, settings.K1N_DATA_DIR)
  await heard('redis', fleet.start(redisProcess(redisChoice, home, settings.K1N_DATA_DIR)).ready)
  return `redis://127.0.0.1:${home.port}`
}

/** The settings as every process gets them, with the port decided and paths absolute. */
const environment = async (settings: Settings, keys: Keys, redisUrl: string): Promise<NodeJS.ProcessEnv> => ({
  ...process.env,
  PORT: String(settings.PORT === 0 ? await freePort() : settings.PORT),
  HOST: settings.HOST,
  REDIS_URL: redisUrl,
  K1N_DATA_DIR: settings.K1N_DATA_DIR,
  ...keys,
})

const startDemo = async (fleet: Fleet, settings: Settings, env: NodeJS.ProcessEnv): Promise<string> => {
  const demo = fleet.start(ourProcess('demo', 'scripts/demo.ts', settings.K1N_DATA_DIR, env))
  const { doing } = await heard('demo', demo.ready)
  return `${text(doing) ?? 'running'} (K1N_DEMO=off starts without it)`
}

/** Waits for a child, and says every 15 s for whom. */
const heard = async (name: string, ready: Promise<Ready>): Promise<Ready> => {
  const patience = setInterval(() => tell(`still waiting for ${name}`), 15_000)
  try {
    return await ready
  } finally {
    clearInterval(patience)
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const shortened = (path: string): string => (relative('.', path).startsWith('..') ? path : relative('.', path) || '.')

main().catch((error: unknown) => {
  const forPeople = error instanceof SettingsError || error instanceof InTheWay
  process.stderr.write(`\n${forPeople ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exit(1)
})
