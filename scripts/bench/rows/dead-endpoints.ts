// Row 12b: how long facts take to good endpoints while a thousand dead ones are sent to as well.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { webhookDeliver } from '../../../shared/catalog/webhook-deliver.ts'
import { createFanOut } from '../../../shared/deliveries/fan-out.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { DEATHS } from '../../../shared/outbound/fixtures/dead.ts'
import { eventLogKey, factHead } from '../../../shared/stream/log.ts'
import { workerFlags } from '../../../workers/flags.ts'
import type { Row } from '../row.ts'
import type { Side } from '../side.ts'
import { percentile, ratios } from '../stats.ts'
import { endpoint } from './webhooks.ts'

const GOOD = 50
const DEAD = 1_000
const ROUNDS = 4
const SLICE_MS = 10_000
const CALM_MS = 100
const STORM_MS = 2_000
const CONCURRENCY = '50'

/** Tells a fact to the good ones each `CALM_MS`, and one to all each `STORM_MS` where there are storms. */
const tell = async (kernel: Kernel, storms: boolean): Promise<void> => {
  const say = (name: string) =>
    kernel.redis.xadd(eventLogKey(kernel), '*', factHead(name, Date.now()), JSON.stringify({ at: Date.now() }))
  const began = performance.now()
  for (let calm = 0; calm * CALM_MS < SLICE_MS; calm++) {
    await wait(Math.max(0, began + calm * CALM_MS - performance.now()))
    await say('job.calm')
    if (storms && (calm * CALM_MS) % STORM_MS === 0) await say('job.storm')
  }
}

export const deadEndpoints: Row = {
  id: '12b',
  title: `from a fact to ${GOOD} good endpoints, ten facts a second, beside ${DEAD} that refuse, hang, drip, redirect or answer 10 MB and want a fact every ${STORM_MS / 1_000} s`,
  floor: 'the same without facts for the dead ones',
  async run(bench) {
    const redis = await bench.redis()
    const sink = await bench.side('scripts/bench/sides/dead-sink.ts')
    const env = {
      ...{ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error', K1N_SECRETS_KEY: randomBytes(32).toString('base64') },
      K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM: '127.0.0.0/8',
    }
    const kernel = createKernel({ settings: readSettings(env), role: 'worker' })
    bench.after(() => kernel.close())
    await registerAll(kernel, sink)
    const bull = createBull(kernel)
    bench.after(() => bull.close())
    await bull.claim(webhookDeliver.queue)
    const fanOut = createFanOut(kernel, bull)
    await fanOut.start()
    bench.after(() => fanOut.stop())
    await bench.side('scripts/bench/sides/webhooks.ts', env, [CONCURRENCY], workerFlags(2))
    const slice = async (storms: boolean): Promise<number> => {
      await tell(kernel, storms)
      await wait(STORM_MS)
      return percentile((await sink.ask('took')) as number[], 0.95)
    }
    // The good ones have answered before; of the dead ones nobody knows at first that they are.
    await slice(false)
    const first = await slice(true)
    const p95s: { alone: number[]; beside: number[] } = { alone: [], beside: [] }
    for (let round = 0; round < ROUNDS; round++)
      for (const name of round % 2 === 0 ? (['alone', 'beside'] as const) : (['beside', 'alone'] as const))
        p95s[name].push(await bench.load.during(() => slice(name === 'beside')))
    const bar = { name: 'p95', kind: 'time' as const, must: { atMost: 1.1 } }
    return {
      figures: [{ bar, values: ratios(p95s.beside, p95s.alone) }],
      notes: [
        `p95 alone ${p95s.alone.join(', ')} ms, beside ${p95s.beside.join(', ')} ms; when the dead ones were new ${first} ms`,
      ],
    }
  },
}

const registerAll = async (kernel: Kernel, { ready }: Side): Promise<void> => {
  const [good, dead, refusing] = [String(ready['good']), String(ready['dead']), String(ready['refusing'])]
  const sorts = [...DEATHS.map((death) => `${dead}/${death}`), refusing]
  for (let n = 0; n < GOOD; n++) await endpoint(kernel, `wh_good${n}`, `${good}/${n}`)
  for (let n = 0; n < DEAD; n++)
    await endpoint(kernel, `wh_dead${n}`, `${sorts[n % sorts.length] ?? ''}/${n}`, ['job.storm'])
}
