// What takes longer to prove of breakers: thousands of sequences, many connections at once, and processes that are killed.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { systemClock } from '../kernel/clock.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { callCode } from './calls.ts'
import { drive } from './fixtures/model.ts'
import { createBreakerStore } from './store.ts'
import { BreakerConfig } from './words.ts'

const well = String.fromCharCode(callCode(false, false, 1))
const ill = String.fromCharCode(callCode(true, false, 1))

base(
  'Redis and the policy make the same of thousands of sequences',
  async ({ kernel, clock }) => {
    const { commands, entered } = await drive(kernel, clock, { sequences: 3_000 })
    process.stdout.write(`breakers: ${commands} commands, entered ${JSON.stringify(entered)}\n`)
    expect(commands).toBeGreaterThan(50_000)
  },
  300_000,
)

base(
  'never more probes than allowed, however many ask at once',
  async ({ kernel, prefix, clock }) => {
    const config = BreakerConfig.parse({ window: { min_calls: 1 }, half_open_max: 3, open_ms: 1_000, jitter: 0 })
    const { settings, bullPrefix } = kernel
    const kernels = Array.from({ length: 8 }, () =>
      createKernel({ settings, role: 'worker', clock, tag: prefix, bullPrefix }),
    )
    const stores = kernels.map(createBreakerStore)
    const store = createBreakerStore(kernel)
    for (let round = 0; round < 100; round++) {
      const { word } = await store.decide('smtp', config, { op: 'look' })
      await store.decide('smtp', config, { op: 'report', gen: word.gen, calls: ill, refused: 0 })
      await clock.advance(1_000)
      const answers = await Promise.all(
        Array.from({ length: 400 }, async (_, n) => {
          const probe = `${round}:${n}`
          const decided = await stores[n % 8]?.decide('smtp', config, { op: 'admit', probe })
          return { probe, answer: decided?.answer, gen: decided?.word.gen ?? 0 }
        }),
      )
      const probes = answers.filter(({ answer }) => answer === 'probe')
      expect(probes).toHaveLength(3)
      await Promise.all(
        probes.map(({ probe, gen }) => store.decide('smtp', config, { op: 'probe', gen, probe, call: well })),
      )
      expect((await store.decide('smtp', config, { op: 'look' })).word.state).toBe('closed')
    }
    await Promise.all(kernels.map((own) => own.close()))
  },
  120_000,
)

describe('real processes', () => {
  interface Machine {
    redis: Awaited<ReturnType<typeof startTestRedis>>
    own: Kernel
    start: (service: string, way?: 'telling' | 'silent') => Promise<Caller>
  }
  const test = base.extend<Machine>({
    redis: async ({}, use) => {
      const redis = await startTestRedis()
      await use(redis)
      await redis.stop()
    },
    own: async ({ redis, kernel, prefix }, use) => {
      const settings = { ...kernel.settings, REDIS_URL: redis.url }
      const own = createKernel({ settings, role: 'worker', clock: systemClock, tag: prefix })
      await use(own)
      await own.close()
    },
    start: async ({ redis, prefix }, use) => {
      const children: ChildProcess[] = []
      await use(async (service, way = 'telling') => {
        const file = new URL('./fixtures/caller.ts', import.meta.url)
        const child = fork(file, [prefix, service, way], {
          env: { PATH: process.env['PATH'], REDIS_URL: redis.url },
          execArgv: ['--disable-warning=ExperimentalWarning'],
        })
        children.push(child)
        const caller = callerOf(child)
        await caller.hears('ready')
        return caller
      })
      for (const child of children) child.kill('SIGKILL')
    },
  })
  interface Said {
    type: string
    lastAdmitted: number
    state: string
  }
  interface Caller {
    kill(): void
    last(): Promise<Said>
    hears(type: string): Promise<Said>
  }
  const callerOf = (child: ChildProcess): Caller => {
    const hears = (type: string): Promise<Said> =>
      new Promise((resolve) => {
        const take = (said: Said): void => {
          if (said.type !== type) return
          child.off('message', take)
          resolve(said)
        }
        child.on('message', take)
      })
    return {
      kill: () => child.kill('SIGKILL'),
      hears,
      last() {
        const said = hears('last')
        child.send('last')
        return said
      },
    }
  }
  const config = BreakerConfig.parse({ open_ms: 1_000, half_open_max: 1, probe_lease_ms: 1_000, jitter: 0 })
  const hand = { actor: 'Ada', note: 'a test' }
  const now = (): number => performance.timeOrigin + performance.now()
  const until = async <Answer>(ask: () => Promise<Answer>, enough: (answer: Answer) => boolean): Promise<Answer> => {
    for (;;) {
      const answer = await ask()
      if (enough(answer)) return answer
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  test('stop calling within 250 ms after the fleet has opened, also when the push is lost', async ({ own, start }) => {
    const store = createBreakerStore(own)
    const callers = [await start('smtp'), await start('smtp', 'silent')]
    const late: number[] = []
    for (let round = 0; round < 20; round++) {
      await until(() => Promise.all(callers.map((caller) => caller.last())), (all) => all.every(({ state }) => state === 'closed')) // prettier-ignore
      // Every second time nobody hears of it.
      if (round % 2 === 1) await own.redis.client('KILL', 'TYPE', 'PUBSUB')
      await store.decide('smtp', config, { op: 'force', to: 'forced_open', ttlMs: 0, ...hand })
      const opened = now()
      const all = await until(() => Promise.all(callers.map((caller) => caller.last())), (said) => said.every(({ state }) => state === 'forced_open')) // prettier-ignore
      late.push(...all.map(({ lastAdmitted }) => lastAdmitted - opened))
      await store.decide('smtp', config, { op: 'reset', ...hand })
    }
    process.stdout.write(`breakers: the last calls began ${Math.max(...late).toFixed(0)} ms after the fleet opened\n`)
    expect(Math.max(...late)).toBeLessThanOrEqual(250)
  }, 60_000)

  test('that die with a probe in hand hold nobody longer than its lease', async ({ own, start }) => {
    const store = createBreakerStore(own)
    const doomed = await start('smtp')
    const gen = (await store.decide('smtp', config, { op: 'look' })).word.gen
    const probing = doomed.hears('probe')
    await store.decide('smtp', config, { op: 'report', gen, calls: ill.repeat(500), refused: 0 })
    await probing
    doomed.kill()
    const opened = await until(
      () => store.decide('smtp', config, { op: 'look' }),
      ({ word }) => word.state === 'open',
    )
    expect(opened.word.reason).toBe('probe_failed')
    const survivor = await start('smtp')
    await survivor.hears('probe')
  }, 60_000)
})
