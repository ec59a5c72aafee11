// How services come back, as each process knows it: the ones that were there all the time, and the ones that started later.
import { createBreakerClient } from '../breakers/client.ts'
import type { BreakerChange } from '../breakers/client.ts'
import { callCode } from '../breakers/calls.ts'
import { createBreakerStore } from '../breakers/store.ts'
import type { PastChange } from '../breakers/store.ts'
import type { BreakerState } from '../breakers/words.ts'
import { ServiceConfig } from '../services/words.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { createRecoveries, lastOutage } from './recoveries.ts'
import type { Recoveries } from './recoveries.ts'
import { createTurnedAway } from './turned-away.ts'

const config = ServiceConfig.parse({ breaker: { open_ms: 30_000, jitter: 0, half_open_max: 1 } })
const [well, ill] = [false, true].map((failed) => String.fromCharCode(callCode(failed, false, 1))) as [string, string]

interface World {
  /** A process that starts now. */
  start: () => Promise<Recoveries>
  tell: (calls: string) => Promise<unknown>
  /** Lets the open period pass, and one probe decide. */
  probe: (call: string) => Promise<unknown>
}

const test = base.extend<{ world: World }>({
  world: async ({ kernel, clock }, use) => {
    const store = createBreakerStore(kernel)
    const ends: (() => Promise<void>)[] = []
    let gen = 0
    await use({
      async start() {
        const client = createBreakerClient(kernel, { configOf: () => config })
        const recoveries = createRecoveries(kernel, client)
        await client.start()
        await recoveries.begin()
        ends.push(() => client.stop())
        return recoveries
      },
      tell: (calls) => store.decide('smtp', config.breaker, { op: 'report', gen, calls, refused: 0 }),
      async probe(call) {
        await clock.advance(600_000)
        const { word } = await store.decide('smtp', config.breaker, { op: 'admit', probe: `p${clock.now()}` })
        const end = { op: 'probe', gen: word.gen, probe: `p${clock.now()}`, call } as const
        gen = (await store.decide('smtp', config.breaker, end)).word.gen
      },
    })
    for (const end of ends) await end()
  },
})

test('a process that starts during an outage, or after it, brings the service back as all others do', async ({
  world,
  clock,
}) => {
  const first = await world.start()
  // Called fifty times a second, and then down for half an hour.
  for (let slot = 0; slot < 5; slot++) {
    await world.tell(well.repeat(300))
    await clock.advance(6_000)
  }
  await world.tell(ill.repeat(3_000))
  const downMs = clock.now()
  await world.probe(ill)
  const second = await world.start()
  await world.probe(ill)
  await world.probe(well)
  const ramp = { sinceMs: clock.now(), usualPerS: 50, outageMs: clock.now() - downMs }
  const third = await world.start()
  for (const process of [first, second, third]) await expect.poll(() => process.rampOf('smtp')).toMatchObject(ramp)
  // Half as long again as it was away, and what it takes to rise.
  await clock.advance(15_000 + 1.5 * ramp.outageMs - 1)
  expect((await world.start()).rampOf('smtp')).toMatchObject(ramp)
  await clock.advance(1)
  for (const process of [first, second, third]) expect(process.rampOf('smtp')).toBeUndefined()
})

test('the bound holds as long as calls have to wait for their turn, in a process that starts meanwhile too', async ({
  world,
  clock,
  kernel,
}) => {
  await world.tell(ill.repeat(100))
  await world.probe(well)
  const first = await world.start()
  for (let passed = 0; passed < 2 * 3_600_000; passed += 4_000) {
    await clock.advance(4_000)
    expect(first.rampOf('smtp')).toBeDefined()
    first.turnAway('smtp')
    // Redis has heard of it by then.
    await kernel.redis.ping()
  }
  const late = await world.start()
  await clock.advance(4_999)
  for (const process of [first, late]) expect(process.rampOf('smtp')).toBeDefined()
  await clock.advance(1)
  for (const process of [first, late]) expect(process.rampOf('smtp')).toBeUndefined()
})

test('a way back that is over is over in processes that start later, however often they call', async ({
  world,
  clock,
}) => {
  await world.tell(ill.repeat(100))
  const downMs = clock.now()
  await world.probe(well)
  const leastMs = 15_000 + 1.5 * (clock.now() - downMs)
  await clock.advance(leastMs - 1)
  const early = await world.start()
  expect(early.rampOf('smtp')).toBeDefined()
  for (const laterMs of [1, 10 * 3_600_000]) {
    await clock.advance(laterMs)
    const late = await world.start()
    late.turnAway('smtp')
    for (const process of [early, late]) expect(process.rampOf('smtp')).toBeUndefined()
  }
})

test('who is turned away for a whole day is let in', async ({ world, clock, kernel }) => {
  await world.tell(ill.repeat(100))
  await world.probe(well)
  await clock.advance(86_399_999)
  createTurnedAway(kernel).tell('smtp')
  const process = await world.start()
  expect(process.rampOf('smtp')).toBeDefined()
  await clock.advance(1)
  expect(process.rampOf('smtp')).toBeUndefined()
})

test('what a process hears while it asks for the past makes it ask again', async ({ world, kernel, clock }) => {
  let hear: (change: BreakerChange) => void = () => undefined
  const onChange = (listener: typeof hear) => ((hear = listener), () => undefined)
  const process = createRecoveries(kernel, { onChange })
  await process.begin()
  const change = (state: BreakerState): BreakerChange => ({
    ...{ service: 'smtp', state, sinceMs: clock.now(), untilMs: 0, generation: 1, local: false },
  })
  await world.tell(ill.repeat(100))
  await world.probe(well)
  // Nobody told it of the outage: it asks. Before it is answered, the service is down once more, and all it hears of that is a
  // probe some minutes later.
  hear(change('closed'))
  const isDown = world.tell(ill.repeat(100))
  hear({ ...change('half_open'), sinceMs: clock.now() + 300_000 })
  await isDown
  await kernel.redis.ping()
  expect(process.rampOf('smtp')).toBeUndefined()
  await world.probe(well)
  hear(change('closed'))
  expect(process.rampOf('smtp')).toMatchObject({ sinceMs: clock.now(), outageMs: 600_000 })
})

test.for<[what: string, changes: [from: PastChange['from'], to: PastChange['to']][], outage: object | undefined]>([
  ['never changed', [], undefined],
  ['is open', [['closed', 'open']], { downMs: 0 }],
  ['is probed again', [['closed', 'open'], ['open', 'half_open'], ['half_open', 'open'], ['open', 'half_open']], { downMs: 0 }], // prettier-ignore
  [
    'is back',
    [
      ['closed', 'open'],
      ['open', 'half_open'],
      ['half_open', 'closed'],
    ],
    { downMs: 0, upMs: 2 },
  ],
  [
    'is down for the second time',
    [
      ['closed', 'open'],
      ['open', 'closed'],
      ['closed', 'forced_open'],
    ],
    { downMs: 2 },
  ],
  [
    'is held closed by hand',
    [
      ['closed', 'open'],
      ['open', 'forced_closed'],
    ],
    undefined,
  ],
  [
    'was held closed by hand',
    [
      ['closed', 'open'],
      ['open', 'forced_closed'],
      ['forced_closed', 'closed'],
    ],
    undefined,
  ],
  ['was down for longer than is known', [['half_open', 'open'], ['open', 'half_open'], ['half_open', 'closed']], { downMs: 0, upMs: 2 }], // prettier-ignore
])('the last outage of a service that %s', ([, changes, outage]) => {
  expect(lastOutage(changes.map(([from, to], at) => ({ at, from, to, reason: 'timeout' })))).toEqual(outage)
})
