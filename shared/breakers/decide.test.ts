// What the random drives meet too seldom: runs of failures over several batches, and dates all over the calendar.
import fc from 'fast-check'
import { expect, test } from '../../test/support/fixtures.ts'
import { stoppedClock } from '../kernel/clock.ts'
import { eventLogKey, factsOf } from '../stream/log.ts'
import { callCode } from './calls.ts'
import { newCircuit } from './circuit.ts'
import { step } from './policy.ts'
import { createBreakerStore } from './store.ts'
import { BreakerConfig } from './words.ts'

const ill = String.fromCharCode(callCode(true, false, 1))
const well = String.fromCharCode(callCode(false, false, 1))

test.for<[batches: string[], opens: boolean]>([
  [[ill + ill + ill, ill + ill], true],
  [[well + ill + ill, ill + ill + ill + well], true],
  [[ill + ill + ill, well + ill + ill + ill + ill], false],
  [[ill.repeat(4) + well, ill.repeat(4)], false],
])('failures in a row are counted over batches: %j', async ([batches, opens], { kernel, clock }) => {
  const config = BreakerConfig.parse({ window: { min_calls: 10_000 }, consecutive_failures: 5 })
  const store = createBreakerStore(kernel)
  let circuit = newCircuit()
  for (const calls of batches) {
    const command = { op: 'report', gen: 0, calls, refused: 0 } as const
    await store.decide('smtp', config, command)
    circuit = step(circuit, command, { config, now: clock.now(), random: 0.5, pausedUntil: 0, next: () => 1 }).circuit
  }
  const { word } = await store.decide('smtp', config, { op: 'look' })
  const expected = opens ? { state: 'open', reason: 'consecutive' } : { state: 'closed', reason: '' }
  expect([word, circuit]).toMatchObject([expected, expected])
})

test('facts tell moments as everybody else does, whatever the date', async ({ kernel }) => {
  const config = BreakerConfig.parse({})
  const moment = fc.oneof(
    fc.integer({ min: 0, max: Date.UTC(2199, 11, 31) }),
    fc.constantFrom(...[2000, 2024, 2026, 2100].flatMap((year) => [Date.UTC(year, 1, 28), Date.UTC(year, 1, 29), Date.UTC(year, 2, 1) - 1, Date.UTC(year, 11, 31)])), // prettier-ignore
  )
  let n = 0
  await fc.assert(
    fc.asyncProperty(moment, async (at) => {
      const store = createBreakerStore({ ...kernel, clock: stoppedClock(at + 1) })
      await store.decide(`s${++n}`, config, { op: 'force', to: 'forced_open', ttlMs: 5, actor: 'Ada', note: '' })
      const [raw] = await kernel.redis.xrevrange(eventLogKey(kernel), '+', '-', 'COUNT', 1)
      if (!raw) throw new Error('nothing was told')
      expect(JSON.parse(factsOf(raw)[0]?.data ?? '')).toMatchObject({
        opened_at: new Date(at + 1).toISOString(),
        next_attempt_at: new Date(at + 6).toISOString(),
      })
    }),
    { numRuns: 300 },
  )
})
