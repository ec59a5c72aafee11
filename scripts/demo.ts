// The demo that `npm start` runs: imports a generated listening history once, then keeps a modest mix of jobs going.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { generate } from '../shared/listening/generate.ts'
import { demoApi } from './demo/api.ts'
import type { DemoApi } from './demo/api.ts'
import { nextJob } from './demo/mix.ts'

const RECORDS = 20_000
/** ms between two jobs, on average. */
const PACE_MS = 500
/** With more than these waiting nobody works; more would only fill Redis. */
const WAITING_MAX = 500
const LOOK_EVERY_JOBS = 20

const Imports = z.object({ data: z.array(z.unknown()) })
const Queues = z.object({
  data: z.array(z.object({ name: z.string(), counts: z.object({ waiting: z.int(), prioritized: z.int() }) })),
})

const urlOf = ({ K1N_API_URL, HOST = '127.0.0.1', PORT = '3000' }: NodeJS.ProcessEnv): string => {
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }
  return K1N_API_URL ?? `http://${everywhere[HOST] ?? (HOST.includes(':') ? `[${HOST}]` : HOST)}:${PORT}`
}

/** Uploads a history as anybody would. Answers whether there was none before. */
const importOnce = async (api: DemoApi): Promise<boolean> => {
  if (Imports.parse(await api.get('/jobs?name=listening.import&limit=1')).data.length > 0) return false
  const dir = await mkdtemp(join(tmpdir(), 'k1n-demo-'))
  try {
    const file = join(dir, 'history.json')
    await generate(file, { records: RECORDS, flaws: 0.01 })
    await api.upload('/imports?name=Demo', file)
    return true
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const isBacklog = async (api: DemoApi): Promise<boolean> => {
  const { data } = Queues.parse(await api.get('/queues'))
  const waiting = data
    .filter(({ name }) => ['mail', 'billing', 'media', 'reports'].includes(name))
    .reduce((sum, { counts }) => sum + counts.waiting + counts.prioritized, 0)
  return waiting > WAITING_MAX
}

const keepGoing = async (api: DemoApi, signal: AbortSignal): Promise<never> => {
  for (let sent = 0; ; sent++) {
    await wait(PACE_MS * (0.4 + 1.2 * Math.random()), undefined, { signal })
    while (sent % LOOK_EVERY_JOBS === 0 && (await isBacklog(api))) await wait(5_000, undefined, { signal })
    await api.post('/jobs', nextJob(Math.random, Date.now()))
  }
}

const key = process.env['K1N_ADMIN_KEY']
if (key === undefined) {
  process.stderr.write('the demo needs K1N_ADMIN_KEY\n')
  process.exit(2)
}
const abort = new AbortController()
const stop = async (): Promise<void> => abort.abort(new Error('stopped'))
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())
exitWithParent(stop)

try {
  const api = demoApi(urlOf(process.env), key, abort.signal)
  const imported = await importOnce(api)
  const says = `${imported ? `importing a history of ${RECORDS.toLocaleString('en')} plays, then ` : ''}about ${1_000 / PACE_MS} jobs a second: mails, charges, encodings and reports, some of which fail`
  if (process.connected) process.send?.({ type: 'ready', says, doing: says })
  await keepGoing(api, abort.signal)
} catch (error) {
  if (!abort.signal.aborted) throw error
}
process.exit(0)
