// Poison pills, with real processes that really die.
import { describe } from 'vitest'
import type { Attempt, Gate } from '../shared/attempts/attempts.ts'
import { Interrupt } from '../shared/attempts/interrupt.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import { operationRun } from '../shared/catalog/operation-run.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import { test as inProcess } from '../test/support/fixtures.ts'
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

describe('what does not end', () => {
  const attemptOf = (more: Partial<Attempt['job']>, work?: Attempt['work']): Attempt =>
    ({ job: { queue: 'ward', id: 't_1', stalls: 0, interrupt: new Interrupt(), ...more }, work }) as Attempt
  const entered = async (asked: ReturnType<Gate>): Promise<() => unknown> => {
    const admission = await asked
    if (!admission.admitted) throw new Error('was not let in')
    return () => admission.leave({ is: 'done', result: null })
  }

  inProcess(
    'keeps a suspect and all others waiting for ten seconds; then it runs beside, and is not accused',
    async ({ kernel, clock }) => {
      const bull = createBull(kernel)
      const gate = createQuarantine(kernel, { bull, registry: createRegistry(kernel), workerId: 'w_1' })
      const leaves = await entered(gate(attemptOf({})))
      await kernel.redis.hset(bull.keys('ward').job('t_suspect'), 'timestamp', '1')
      const suspect = entered(gate(attemptOf({ id: 't_suspect', stalls: 1 })))
      await expect.poll(() => clock.sleepers).toBe(1)
      const other = entered(gate(attemptOf({ id: 't_other' })))
      const seen: string[] = []
      void suspect.then(() => seen.push('suspect'))
      void other.then(() => seen.push('other'))
      await clock.advance(9_999)
      expect(seen).toEqual([])
      await clock.advance(1)
      const suspectLeaves = await suspect
      expect(await kernel.redis.hget(bull.keys('ward').job('t_suspect'), 'k1nSolo')).toBeNull()
      expect(seen).toEqual(['suspect'])
      suspectLeaves()
      const otherLeaves = await other
      leaves()
      otherLeaves()
    },
  )

  inProcess('is neither waited for nor suspected where it is an operation of k1n itself', async ({ kernel }) => {
    const bull = createBull(kernel)
    const gate = createQuarantine(kernel, { bull, registry: createRegistry(kernel), workerId: 'w_1' })
    const work = { kind: operationRun, handler: () => undefined, payload: {} } as unknown as Attempt['work']
    await entered(gate(attemptOf({ id: 't_operation' }, work)))
    await entered(gate(attemptOf({ id: 't_stalled', stalls: 1 }, work)))
    await kernel.redis.hset(bull.keys('ward').job('t_suspect'), 'timestamp', '1')
    const leaves = await entered(gate(attemptOf({ id: 't_suspect', stalls: 1 })))
    expect(await kernel.redis.hget(bull.keys('ward').job('t_suspect'), 'k1nSolo')).toBe('w_1')
    await leaves()
    expect(await kernel.redis.hget(bull.keys('ward').job('t_suspect'), 'k1nSolo')).toBeNull()
  })

  inProcess('of what Redis refuses nothing stays: others go on', async ({ kernel }) => {
    const bull = createBull(kernel)
    const gate = createQuarantine(kernel, { bull, registry: createRegistry(kernel), workerId: 'w_1' })
    await kernel.redis.set(bull.keys('ward').job('t_odd'), 'no hash')
    await expect(entered(gate(attemptOf({ id: 't_odd', stalls: 1 })))).rejects.toThrow('WRONGTYPE')
    await entered(gate(attemptOf({})))
  })
})
