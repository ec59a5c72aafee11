// Row 9: what a breaker adds to a call that it lets through, and to one that it refuses, against a breaker written by hand
// for one process.
import type { Permit } from '../../../shared/breakers/client.ts'
import { createBareBreaker } from '../bare-breaker.ts'
import { openBreakers } from '../breakers.ts'
import type { Row } from '../row.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 7
const CALLS = 100_000
/** Calls without a turn of the event loop: as many as are told together. */
const BURST = 50

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

export const breaker: Row = {
  id: '9',
  title: `a guarded call, ${CALLS} at a time, closed and open`,
  floor: 'a breaker for one process, written by hand: a sliding window and a state',
  async run(bench) {
    const redis = await bench.redis()
    const client = await openBreakers(bench, redis)
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
        {
          bar: { name: 'closed', kind: 'time', unit: 'ns', must: { atMost: 2000 }, moonshot: { atMost: 250 } },
          values: own('closed'),
        },
        {
          bar: { name: 'open', kind: 'time', unit: 'ns', must: { atMost: 5000 }, moonshot: { atMost: 2000 } },
          values: own('open'),
        },
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
