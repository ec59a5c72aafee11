// Row 18: from starting the API's process, bundled as `npm start` runs it, to its first accepted job, against a program that only loads the same libraries.
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { bundle, bundles } from '../../setup/bundle.mjs'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const STARTS = 7

interface Start {
  ms: number
  rss: number
}

const timed = async (bench: Bench, start: () => Promise<Side>, then: (side: Side) => Promise<void>): Promise<Start> => {
  const begun = performance.now()
  const side = await start()
  await then(side)
  const result = { ms: performance.now() - begun, rss: side.rssBytes() }
  await side.stop()
  return result
}

const accept =
  (key: string) =>
  async (side: Side): Promise<void> => {
    const reply = await fetch(`${String(side.ready['url'])}/api/v2/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'demo.mail', data: { to: 'ada@example.com', subject: 'hello' } }),
    })
    if (reply.status !== 201) throw new Error(`the first job was answered with ${reply.status}: ${await reply.text()}`)
  }

export const start: Row = {
  id: '18',
  title: 'start of the API until its first 201, and its memory then',
  floor: 'loading koa, @koa/router, bullmq, ioredis, zod, ws and undici',
  async run(bench) {
    const redis = await bench.redis()
    const key = generateKey('sk')
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
    const floor = () =>
      timed(
        bench,
        () => bench.side('scripts/bench/sides/imports.ts'),
        async () => undefined,
      )
    const k1n = () => timed(bench, () => bench.side(bundles.api.entry, env, [], nodeFlags), accept(key))
    await bundle(fileURLToPath(new URL('../../../', import.meta.url)), process.execPath)
    // The first of each fills the cache of compiled code.
    await floor()
    await k1n()
    const starts: Record<'floor' | 'k1n', Start[]> = { floor: [], k1n: [] }
    for (let round = 0; round < STARTS; round++)
      for (const name of round % 2 === 0 ? (['floor', 'k1n'] as const) : (['k1n', 'floor'] as const))
        starts[name].push(await bench.load.during({ floor, k1n }[name]))
    const against = (of: (start: Start) => number): number[] => ratios(starts.k1n.map(of), starts.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'time', kind: 'time', must: { atMost: 1.5 }, moonshot: { atMost: 1.2 } },
          values: against(({ ms }) => ms),
        },
        {
          bar: { name: 'memory', kind: 'count', must: { atMost: 1.5 }, moonshot: { atMost: 1.15 } },
          values: against(({ rss }) => rss),
        },
      ],
      notes: (['floor', 'k1n'] as const).map(
        (name) =>
          `${name}: ${median(starts[name].map(({ ms }) => ms)).toFixed(0)} ms · ${(median(starts[name].map(({ rss }) => rss)) / 2 ** 20).toFixed(0)} MiB`,
      ),
    }
  },
}
