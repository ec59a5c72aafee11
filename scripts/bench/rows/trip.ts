// Row 10: how soon another process refuses after a breaker tripped, against a message from one process to the other.
import { Redis } from 'ioredis'
import { openBreakers } from '../breakers.ts'
import type { Row } from '../row.ts'
import { percentile, ratios } from '../stats.ts'

const TRIPS = 200
/** p99 of so few is the luck of two; so many make one value. */
const BLOCK = 50

/** Times of both ways, in turn. */
const inTurn = async (one: () => Promise<number>, other: () => Promise<number>): Promise<[number[], number[]]> => {
  const times: [number[], number[]] = [[], []]
  for (let n = 0; n < TRIPS; n++) {
    times[0].push(await one())
    times[1].push(await other())
  }
  return times
}

const blocks = (values: readonly number[]): number[] =>
  Array.from({ length: TRIPS / BLOCK }, (_, n) => percentile(values.slice(n * BLOCK, (n + 1) * BLOCK), 0.99))

const say = (name: string, values: readonly number[]): string =>
  `${name}: p50 ${percentile(values, 0.5).toFixed(2)} ms · p99 ${percentile(values, 0.99).toFixed(2)} ms of ${values.length}`

export const trip: Row = {
  id: '10',
  title: `a breaker trips in one process until another one refuses, ${TRIPS} times`,
  floor: 'PUBLISH until the other process has it',
  async run(bench) {
    const redis = await bench.redis()
    const other = await bench.side('scripts/bench/sides/refuser.ts', { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
    const client = await openBreakers(bench, redis)
    const publisher = new Redis(redis.url)
    bench.after(() => publisher.disconnect())
    let n = 0
    const since = async (begun: bigint, name: string): Promise<number> =>
      Number(BigInt(String(await other.ask('heard', name))) - begun) / 1e6
    /** From telling the last failure until the other process would refuse. */
    const k1n = async (): Promise<number> => {
      const service = `s${++n}`
      await other.ask('call', service)
      for (let call = 0; call < 20; call++) {
        const permit = await client.admit(service)
        if (permit.admitted) permit.report('failure', 1)
      }
      const begun = process.hrtime.bigint()
      await client.flush()
      return since(begun, service)
    }
    const floor = async (): Promise<number> => {
      const name = `raw${++n}`
      const begun = process.hrtime.bigint()
      await publisher.publish('raw', name)
      return since(begun, name)
    }
    const [ours, bare] = await bench.load.during(() => inTurn(k1n, floor))
    return {
      figures: [
        {
          bar: { name: 'p99', kind: 'time', unit: 'ms', must: { atMost: 100 }, moonshot: { atMost: 5 } },
          values: blocks(ours),
        },
        {
          bar: { name: 'p99 against the floor', kind: 'told', must: { atMost: 5 } },
          values: ratios(blocks(ours), blocks(bare)),
        },
      ],
      notes: [say('floor', bare), say('k1n', ours)],
    }
  },
}
