// The life of the API's process: settings, rooms, server; ready when it listens, gone in order when told to stop.
import { readSettings, SettingsError } from '../shared/kernel/config.ts'
import type { Settings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { assemble } from '../shared/rooms.ts'
import { createApp } from './app.ts'
import type { Api } from './app.ts'
import { attachLive } from './live/live.ts'

/** How long a start waits for Redis. It goes on without: requests are refused until Redis is there. */
const REDIS_WAIT_MS = 1_000
/** How long balancers are given to see that this process is not ready any more. Nobody balances on loopback. */
const NOTICE_MS = 5_000
/** A stop that takes longer than notice and draining together is ended by force. */
const STOP_MAX_MS = 20_000

const settingsOrExit = (env: NodeJS.ProcessEnv): Settings => {
  try {
    return readSettings(env)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(error.message + '\n')
    process.exit(1)
  }
}

const waitForRedis = async ({ redis, clock }: Kernel): Promise<void> => {
  if (redis.status === 'ready') return
  // Not `events.once`: that gives up at the first refused connection.
  await Promise.race([new Promise((resolve) => redis.once('ready', resolve)), clock.sleep(REDIS_WAIT_MS)])
}

/** A link that opens the dashboard; undefined while Redis is away. */
const signInUrl = async (api: Api): Promise<string | undefined> => {
  const code = await api.rooms.auth.once.issueCode().catch(() => undefined)
  return code === undefined ? undefined : `${api.publicUrl()}/auth/login?code=${code}`
}

const announce = async (api: Api): Promise<void> => {
  const url = api.publicUrl()
  api.kernel.log.info('the API is ready', { url })
  process.send?.({ type: 'ready', url, signInUrl: await signInUrl(api) })
}

const isLocal = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host)

/** Stops once, however often it is asked to. */
const stopper = (api: Api): (() => Promise<void>) => {
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    api.rooms.system.stopping()
    if (!isLocal(api.kernel.settings.HOST)) await api.kernel.clock.sleep(NOTICE_MS)
    await api.stop()
    await api.rooms.close()
    await api.kernel.close()
  }
  return () => (stopping ??= stop())
}

/** Runs until a stop signal, the end of the parent, or a failed start. */
export const run = async (env: NodeJS.ProcessEnv): Promise<void> => {
  const kernel = createKernel({ settings: settingsOrExit(env), role: 'producer' })
  if (kernel.settings.K1N_ADMIN_KEY === undefined)
    kernel.log.warn('K1N_ADMIN_KEY is not set: no key can be made until it is; `npm start` takes care of that')
  if (kernel.settings.K1N_SECRETS_KEY.length === 0)
    kernel.log.warn('K1N_SECRETS_KEY is not set: no webhook can be made until it is; `npm start` takes care of that')
  const api = createApp({ kernel, rooms: assemble(kernel) })
  attachLive(api)
  const stop = stopper(api)
  const leave = (): void => {
    setTimeout(() => process.exit(1), STOP_MAX_MS).unref()
    void stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', leave).on('SIGINT', leave)
  exitWithParent(stop)
  await waitForRedis(kernel)
  await api.start()
  await announce(api)
}
