// Queues that are held for their service, and the jobs that are fetched from them all the same.
import { z } from 'zod'
import { catalogOf, kind } from '../shared/catalog/catalog.ts'
import type { Permit } from '../shared/breakers/client.ts'
import type { Hold } from '../shared/services/words.ts'
import { expect, test as base } from '../test/support/fixtures.ts'
import { createHolds } from './holds.ts'
import type { Holds } from './holds.ts'

const queue = 'mail'
const catalog = catalogOf(
  kind({
    ...{ name: 'mail.send', queue, summary: 'Calls a service.', service: 'smtp' },
    ...{ payload: z.strictObject({}), result: z.null(), retry: { attempts: 9 } },
  }),
)
const refused: Permit = { admitted: false, state: 'open', untilMs: 0, reason: 'open' }

interface World {
  holds: Holds
  /** What was done to the fetching of the queue, in order. */
  done: ('close' | 'drip' | 'open')[]
  state: 'closed' | 'open' | 'forced_open'
  hasRoom: boolean
  /** Somebody forces retries of so many jobs now, and this process wins all of them. */
  force(count: number): Promise<void>
  /** The job starts that was fetched. */
  begin(): Promise<boolean>
  /** Lets the holds look `count` times. */
  look(count?: number): Promise<void>
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

const test = base.extend<{ world: World }>({
  world: async ({ kernel, clock }, use) => {
    const done: World['done'] = []
    const act = (what: World['done'][number]) => () => Promise.resolve(void done.push(what))
    const holds = createHolds(kernel, {
      catalog,
      breakers: {
        stateOf: () => ({ state: world.state, generation: 1, sinceMs: 0, untilMs: clock.now() + 60_000, local: false }),
        claimProbe: () => Promise.resolve(refused),
      },
      tap: { close: act('close'), drip: act('drip'), open: act('open'), hasRoom: () => world.hasRoom },
    })
    const world: World = {
      ...{ holds, done, state: 'open', hasRoom: true },
      async force(count) {
        await Promise.all(Array.from({ length: count }, () => holds.fetch(queue, () => Promise.resolve(true))))
      },
      async begin() {
        const isProbe = holds.takesProbe(queue)
        await settled()
        return isProbe
      },
      async look(count = 1) {
        for (let n = 0; n < count; n++) await clock.advance(100)
      },
    }
    const hold: Hold = { service: 'smtp', cause: 'breaker', untilMs: clock.now() + 60_000, reason: 'open' }
    holds.heard(queue, hold)
    await holds.start()
    await use(world)
    const stopped = holds.stop()
    await clock.advance(100)
    await stopped
  },
})

test('a process with no room for a forced retry lets those that have some go first', async ({ world }) => {
  world.hasRoom = false
  let isTaken = false
  const ordered = world.holds.fetch(queue, () => Promise.resolve(!isTaken))
  await settled()
  isTaken = true
  await world.look(5)
  await ordered
  world.hasRoom = true
  await world.look(5)
  expect(world.done).toEqual(['close'])
})

test('of retries that are forced at the same time each is fetched, one after another', async ({ world }) => {
  await world.force(3)
  expect(world.done).toEqual(['close', 'drip'])
  expect(await world.begin()).toBe(false)
  expect(world.done).toEqual(['close', 'drip', 'close', 'drip'])
  await world.begin()
  await world.begin()
  await world.begin()
  await world.look(30)
  expect(world.done).toEqual(['close', 'drip', 'close', 'drip', 'close', 'drip', 'close'])
})

test('a retry that is forced while another one is fetched is fetched next', async ({ world }) => {
  await world.force(1)
  await world.force(1)
  expect(world.done).toEqual(['close', 'drip'])
  await world.begin()
  expect(world.done).toEqual(['close', 'drip', 'close', 'drip'])
})

test('a fetch that finds nobody does not keep the others from being fetched', async ({ world }) => {
  await world.force(2)
  await world.look(12)
  expect(world.done).toEqual(['close', 'drip', 'close', 'drip'])
})

test('they wait until the process has room for one more', async ({ world }) => {
  await world.force(2)
  world.hasRoom = false
  await world.begin()
  await world.look(3)
  expect(world.done).toEqual(['close', 'drip', 'close'])
  world.hasRoom = true
  await world.look()
  expect(world.done).toEqual(['close', 'drip', 'close', 'drip'])
})

test('once everything is fetched again nothing is left to make up for', async ({ world }) => {
  await world.force(3)
  world.state = 'closed'
  await world.look(12)
  expect(world.done).toEqual(['close', 'drip', 'close', 'open'])
  world.state = 'open'
  await world.look(3)
  expect(world.done).toEqual(['close', 'drip', 'close', 'open', 'close'])
})

test('none passes a breaker that was forced open meanwhile', async ({ world }) => {
  await world.force(2)
  world.state = 'forced_open'
  await world.begin()
  world.state = 'open'
  await world.look(3)
  expect(world.done).toEqual(['close', 'drip', 'close'])
})

test('nobody fetches where it cannot be told whose order it is, and that is no reason to end', async ({
  world,
  logged,
}) => {
  await world.holds.fetch(queue, () =>
    Promise.reject(new Error("READONLY You can't write against a read only replica")),
  )
  expect(world.done).toEqual(['close'])
  expect(logged).toEqual([expect.objectContaining({ level: 'warn', queue })])
})
