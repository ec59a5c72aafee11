// Row 9: what a breaker adds to a call that it lets through, and to one that it refuses, against a breaker written by hand
// for one process. Row 10: how soon another process refuses after a breaker tripped.
import { Redis } from 'ioredis'
import { createBreakerClient } from '../../../shared/breakers/client.ts'
import type { Permit } from '../../../shared/breakers/client.ts'
import { DEFAULT_CONFIG } from '../../../shared/services/declare.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createBareBreaker } from '../bare-breaker.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import { median, percentile, ratios } from '../stats.ts'

const ROUNDS = 7
const CALLS = 100_000
/** Calls without a turn of the event loop: as many as are told together. */
const BURST = 50

const openClient = async (bench: Bench, redis: BenchRedis) => {
  const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'worker' })
  const client = createBreakerClient(kernel, { configOf: () => DEFAULT_CONFIG })
  await client.start()
  bench.after(() => client.stop().then(() => kernel.close()))
  return client
}

interface Taken {
  /** Of each call; sending what was gathered is part of it. */
  ns: number
  /** CPU of each call, with the answers of Redis. */
  cpuNs: number
}

const cpuNs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1_000
}

/** Between two bursts everything is told, so that no call goes uncounted. */
const timed = async (burst: (calls: number) => void, between: () => Promise<void>): Promise<Taken> => {
  const before = cpuNs()
  let ns = 0n
  for (let done = 0; done < CALLS; done += BURST) {
    const begun = process.hrtime.bigint()
    burst(BURST)
    ns += process.hrtime.bigint() - begun
    await between()
  }
  return { ns: Number(ns) / CALLS, cpuNs: (cpuNs() - before) / CALLS }
}

const atOnce = (answer: Permit | Promise<Permit>): Permit => {
  if (answer instanceof Promise) throw new Error('the breaker asked Redis')
  return answer
}

const ns = (name: string, must: number, moonshot: number) =>
  ({ name, kind: 'time', unit: 'ns', must: { atMost: must }, moonshot: { atMost: moonshot } }) as const

export const breaker: Row = {
  id: '9',
  title: `a guarded call, ${CALLS} at a time, closed and open`,
  floor: 'a breaker for one process, written by hand: a sliding window and a state',
  async run(bench) {
    const redis = await bench.redis()
    const client = await openClient(bench, redis)
    const bare = createBareBreaker()
    await client.admit('well')
    const trip = async (): Promise<void> => {
      for (let n = 0; n < 50; n++) {
        const permit = await client.admit('ill')
        if (permit.admitted) permit.report('failure', 1)
      }
      await client.flush()
    }
    await trip()
    const closed = (calls: number): void => {
      for (let n = 0; n < calls; n++) {
        const permit = atOnce(client.admit('well'))
        if (permit.admitted) permit.report('success', n & 63)
      }
    }
    const open = (calls: number): void => {
      for (let n = 0; n < calls; n++)
        if (atOnce(client.admit('ill')).admitted) throw new Error('an open breaker let in')
    }
    const floor = (calls: number): void => {
      for (let n = 0; n < calls; n++) if (bare.admits(performance.now())) bare.report(false, performance.now())
    }
    const bursts = { floor, closed, open }
    const taken: Record<keyof typeof bursts, Taken[]> = { floor: [], closed: [], open: [] }
    const commands = { floor: 0, closed: 0, open: 0 }
    for (let round = -1; round < ROUNDS; round++)
      for (const name of Object.keys(bursts) as (keyof typeof bursts)[]) {
        const between = (): Promise<void> => (name === 'closed' ? client.flush() : Promise.resolve())
        const work = () => redis.during(() => timed(bursts[name], between))
        const { result, commands: sent } = await bench.load.during(work)
        if (round < 0) continue
        taken[name].push(result)
        commands[name] += sent / (ROUNDS * CALLS)
      }
    const own = (name: keyof typeof bursts): number[] => taken[name].map((one) => one.ns)
    const cpu = median(taken.closed.map((one) => one.cpuNs))
    return {
      figures: [
        { bar: ns('closed', 2_000, 250), values: own('closed') },
        { bar: ns('open', 5_000, 2_000), values: own('open') },
        {
          bar: { name: 'commands a call, closed', kind: 'count', unit: 'commands', must: { atMost: 0.5 } },
          values: [commands.closed],
        },
        {
          bar: { name: 'commands a call, open', kind: 'count', unit: 'commands', must: { atMost: 0.01 } },
          values: [commands.open],
        },
      ],
      notes: [
        `floor: ${median(own('floor')).toFixed(0)} ns a call; closed against it ${median(ratios(own('closed'), own('floor'))).toFixed(2)}×`,
        `closed, with Redis's answers to every ${BURST} calls: ${cpu.toFixed(0)} ns of CPU a call`,
        'opossum is documented with 1,630 ns closed and 7,500 ns open',
      ],
    }
  },
}

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
    const client = await openClient(bench, redis)
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
