// Poison pills, with real processes that really die.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { LockLost } from '../shared/attempts/attempts.ts'
import type { Attempt, Gate } from '../shared/attempts/attempts.ts'
import { Interrupt } from '../shared/attempts/interrupt.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { StoppedClock } from '../shared/kernel/clock.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import type { Registry } from '../shared/workers/registry.ts'
import { test as base } from '../test/support/fixtures.ts'
import { createQuarantine } from './quarantine.ts'
import { expect, test } from './testing/ward.ts'

const innocents = 19

/** `npm test` sees a process that says it ends, and others among its faults; `npm run test:long` every way. */
const deaths: [name: string, exit: string][] = [
  ['exit', 'exit 3'],
  ...(process.env['K1N_TEST_LONG'] === '1'
    ? ([
        ['heap', 'out of memory'],
        ['exit-zero', 'exit 0'],
        ['segv', 'signal SIGSEGV'],
        ['loop', 'watchdog'],
      ] as [string, string][])
    : []),
]

test.for(deaths)(
  'a job that ends its process (%s: %s) dies of it after two, and its neighbours live',
  { timeout: 90_000 },
  async ([name, exit], { ward }) => {
    const { bull, kernel } = ward
    await bull.queue('ward').pause()
    for (let index = 0; index < innocents; index++) {
      await ward.add('innocent', { takes_ms: 1_500 })
      if (index === 9) await ward.add(name)
    }
    // A full heap collects garbage for seconds before it gives up: only the loop is to be found by its silence.
    await ward.start(name === 'loop' ? { silentTicksMax: 15 } : {})
    await bull.queue('ward').resume()
    await ward.until('all jobs have ended', async () => {
      const counts = (await bull.counts(['ward'])).get('ward')
      return counts?.completed === innocents && counts.failed === 1
    })
    const neighbours = await bull.queue('ward').getCompleted(0, innocents)
    const startedTwice = neighbours.filter((job) => (job.returnvalue as { fence: number }).fence > 1)
    expect(startedTwice.length).toBeGreaterThan(innocents / 2)
    const [dead] = await bull.queue('ward').getFailed()
    expect(dead?.name).toBe(name)
    expect(await kernel.redis.hmget(bull.keys('ward').job(dead?.id ?? ''), 'k1nReason', 'k1nSolo')).toEqual([
      'poison',
      null,
    ])
    expect(dead?.failedReason).toContain(`the second while it ran there alone (${exit})`)
    expect(await ward.exits()).toEqual([exit, exit])
  },
)

test('a job that blocks its process for longer than its lock lasts begins in no third one', { timeout: 90_000 }, async ({ ward, dir }) => {
  const { bull, kernel } = ward
  await ward.start({ workers: 3 })
  const [id, began] = [await ward.add('stuck', { dir }), join(dir, 'runs')]
  const runs = (): number => readFileSync(began, 'utf8').split('\n').length - 1
  const hash = bull.keys('ward').job(id)
  await ward.until('a third process has it', async () => (await kernel.redis.hget(hash, 'ats')) === '3')
  // Two are blocked: whoever runs this has let the job begin, or waits with it.
  const neighbour = await ward.add('innocent', { takes_ms: 5 })
  const ended = async (job: string) => (await bull.stateOf([{ queue: 'ward', id: job }]))[0]
  await ward.until('it begins or waits', async () => runs() > 2 || (await ended(neighbour)) === 'completed')
  writeFileSync(join(dir, 'end'), '')
  await ward.until('it has ended', async () => (await ended(id)) === 'failed')
  expect([runs(), await kernel.redis.hget(hash, 'k1nReason')]).toEqual([2, 'poison'])
}) // prettier-ignore

test('a job whose process is killed from outside is never blamed', { timeout: 60_000 }, async ({ ward }) => {
  const { bull } = ward
  const supervisor = await ward.start()
  const id = await ward.add('patient')
  const hash = bull.keys('ward').job(id)
  const field = (name: string) => ward.kernel.redis.hget(hash, name)
  const runsIn = async (): Promise<number> => {
    const name = await field('pb')
    return supervisor.workers().find((worker) => worker.id === name)?.pid ?? 0
  }
  await ward.until('it runs', async () => (await runsIn()) > 0 && (await field('progress')) === '1')
  for (let kills = 1; kills <= 3; kills++) {
    process.kill(await runsIn(), 'SIGKILL')
    const starts = String(kills + 1)
    await ward.until('it runs again, alone', async () => (await field('ats')) === starts && (await field('k1nSolo')) === (await field('pb')) && (await runsIn()) > 0) // prettier-ignore
  }
  expect(await ward.exits()).toEqual(['signal SIGKILL', 'signal SIGKILL', 'signal SIGKILL'])
  expect(await bull.stateOf([{ queue: 'ward', id }])).toEqual(['active'])
})

describe('a suspect', () => {
  const attemptOf = (more: Partial<Attempt['job']>): Attempt =>
    ({ job: { queue: 'ward', id: 't_1', stalls: 0, interrupt: new Interrupt(), ...more } }) as Attempt
  const entered = async (asked: ReturnType<Gate>): Promise<() => unknown> => {
    const admission = await asked
    if (!admission.admitted) throw new Error('was not let in')
    return () => admission.leave({ is: 'done', result: null })
  }
  interface Held {
    asked: ReturnType<Gate>
    hash: string
    registry: Registry
    interrupt: Interrupt
  }
  interface Ward {
    gate: Gate
    /** A job that stalled so often comes. */
    suspect: (id: string, stalls: number) => Promise<() => unknown>
    markOf: (id: string) => Promise<string | null>
    /** A job comes that `w_2` ran alone and did not let go of; `w_2` was last heard of so many ms ago. */
    heldElsewhere: (silentMs: number) => Promise<Held>
  }
  const inProcess = base.extend<Ward>({
    gate: async ({ kernel }, use) =>
      use(createQuarantine(kernel, { bull: createBull(kernel), registry: createRegistry(kernel), workerId: 'w_1' })),
    suspect: async ({ kernel, gate }, use) => {
      const bull = createBull(kernel)
      await use(async (id, stalls) => {
        await kernel.redis.hset(bull.keys('ward').job(id), 'timestamp', '1')
        return entered(gate(attemptOf({ id, stalls })))
      })
    },
    markOf: async ({ kernel }, use) => {
      const bull = createBull(kernel)
      await use((id) => kernel.redis.hget(bull.keys('ward').job(id), 'k1nSolo'))
    },
    heldElsewhere: async ({ kernel, clock, gate }, use) => {
      const [registry, hash] = [createRegistry(kernel), createBull(kernel).keys('ward').job('t_1')]
      await use(async (silentMs) => {
        const at = clock.now() - silentMs
        await registry.beat({ ...nothing, id: 'w_2', started_at: at, last_seen_at: at })
        await kernel.redis.hset(hash, { timestamp: '1', k1nSolo: 'w_2' })
        const interrupt = new Interrupt()
        const asked = gate(attemptOf({ stalls: 2, interrupt }))
        await expect.poll(() => clock.sleepers).toBe(1)
        return { asked, hash, registry, interrupt }
      })
    },
  })
  const nothing = { host: 'h', pid: 7, slots: {}, running: 0, last_fetch_at: null, rss_bytes: 1 }
  /** Lets time pass for as long as the job is not judged, and answers how long that was, or `msMax`. */
  const waited = async (clock: StoppedClock, asked: ReturnType<Gate>, msMax = Infinity): Promise<number> => {
    let isOver = false
    void Promise.resolve(asked).then(() => (isOver = true))
    for (let ms = 0; ms < msMax; ms += 500) {
      await expect.poll(() => isOver || clock.sleepers > 0, { interval: 1 }).toBe(true)
      if (isOver) return ms
      await clock.advance(500)
    }
    return msMax
  }

  inProcess('is judged by the end of the process it ran alone in, however long that blocks', async ({ clock, heldElsewhere }) => {
    const { asked, registry } = await heldElsewhere(6_700)
    expect(await waited(clock, asked, 20_000)).toBe(20_000)
    await registry.ended('w_2', { exit: 'out of memory', by_itself: true, at: clock.now() })
    await waited(clock, asked)
    expect(await asked).toMatchObject({ admitted: false, outcome: { is: 'poison' } })
  }) // prettier-ignore

  inProcess('that is let go of after all begins again', async ({ kernel, clock, heldElsewhere, markOf }) => {
    const { asked, hash } = await heldElsewhere(0)
    await kernel.redis.hdel(hash, 'k1nSolo')
    expect(await waited(clock, asked)).toBe(500)
    expect(await markOf('t_1')).toBe('w_1')
  }) // prettier-ignore

  inProcess('that is lost while it waits is left to whoever has it now', async ({ clock, heldElsewhere, markOf }) => {
    const { asked, registry, interrupt } = await heldElsewhere(0)
    await registry.ended('w_2', { exit: 'out of memory', by_itself: true, at: clock.now() })
    interrupt.end(new LockLost('lock lost'))
    await expect(asked).rejects.toThrow('lock lost')
    expect(await markOf('t_1')).toBe('w_2')
  }) // prettier-ignore

  inProcess.for<[string, number, number]>([
    ['10 s ago', 10_000, 25_000],
    ['just now', 0, 35_000],
  ])('whose process was heard of %s begins again when nobody tells its end', async ([, silentMs, ms], { clock, heldElsewhere, markOf }) => {
    const { asked } = await heldElsewhere(silentMs)
    expect(await waited(clock, asked)).toBe(ms)
    expect(await markOf('t_1')).toBe('w_1')
  }) // prettier-ignore

  inProcess.for<[number, number]>([
    [1, 10_000],
    [2, 20_000],
    [20, 640_000],
  ])('that stalled %d times waits %d ms for neighbours; then all go on, and it is not accused', async ([stalls, ms], { gate, suspect, markOf, clock }) => {
    const leaves = await entered(gate(attemptOf({})))
    const [one, two] = [suspect('t_one', stalls), suspect('t_two', stalls)]
    await expect.poll(() => clock.sleepers).toBe(1)
    const other = Promise.all([one, two]).then(() => entered(gate(attemptOf({ id: 't_other' }))))
    const seen: string[] = []
    void one.then(() => seen.push('one'))
    void two.then(() => seen.push('two'))
    await clock.advance(ms - 1)
    expect(seen).toEqual([])
    await clock.advance(1)
    await other
    expect([seen.sort(), await markOf('t_one'), await markOf('t_two')]).toEqual([['one', 'two'], null, null])
    leaves()
  }) // prettier-ignore

  inProcess('that is alone is marked, and for half a minute at the most, the first time', async ({ gate, suspect, markOf, clock }) => {
    const leaves = await suspect('t_long', 1)
    const other = entered(gate(attemptOf({ id: 't_other' })))
    let hasBegun = false
    void other.then(() => (hasBegun = true))
    await clock.advance(29_999)
    expect([hasBegun, await markOf('t_long')]).toEqual([false, 'w_1'])
    await clock.advance(1)
    await other
    expect(await markOf('t_long')).toBeNull()
    await leaves()
  }) // prettier-ignore

  inProcess('is no longer marked when it has ended, and neither then nor later keeps anybody', async ({ gate, suspect, markOf, clock }) => {
    const leaves = await suspect('t_short', 3)
    expect(await markOf('t_short')).toBe('w_1')
    await leaves()
    expect(await markOf('t_short')).toBeNull()
    await entered(gate(attemptOf({})))
    await clock.advance(1_000_000)
    expect(clock.sleepers).toBe(0)
  }) // prettier-ignore

  inProcess('whose mark Redis refuses does not keep the process to itself', async ({ kernel, gate }) => {
    await kernel.redis.set(createBull(kernel).keys('ward').job('t_odd'), 'no hash')
    await expect(entered(gate(attemptOf({ id: 't_odd', stalls: 1 })))).rejects.toThrow('WRONGTYPE')
    await entered(gate(attemptOf({})))
  })
})
