// Poison pills, with real processes that really die.
import { describe } from 'vitest'
import type { Attempt, Gate } from '../shared/attempts/attempts.ts'
import { Interrupt } from '../shared/attempts/interrupt.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import { createRegistry } from '../shared/workers/registry.ts'
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
  interface Ward {
    gate: Gate
    /** A job that stalled so often comes. */
    suspect: (id: string, stalls: number) => Promise<() => unknown>
    markOf: (id: string) => Promise<string | null>
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
  })

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
