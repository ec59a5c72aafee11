// A service that asks for fewer calls: what that weighs, and how long it is left alone.
import { callCode } from './calls.ts'
import { createBudgets } from '../budgets/budgets.ts'
import { createBudgetStore } from '../budgets/store.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { ServiceConfig } from '../services/words.ts'
import { createBreakerClient } from './client.ts'
import type { BreakerChange, BreakerClient } from './client.ts'
import { classify } from '../retries/classify.ts'
import { createEventLog } from '../stream/log.ts'
import { createBreakerStore } from './store.ts'
import { outcomeOf } from './policy.ts'
import type { CallOutcome } from './policy.ts'

const config = ServiceConfig.parse({
  breaker: { window: { min_calls: 8 }, consecutive_failures: 4, open_ms: 30_000, jitter: 0, half_open_max: 1 },
})
const ill = String.fromCharCode(callCode(true, false, 1))

const test = base.extend<{ client: BreakerClient }>({
  client: async ({ kernel }, use) => {
    const client = createBreakerClient(kernel, { configOf: () => config })
    await client.start()
    await use(client)
    await client.stop()
  },
})

const call = async (client: BreakerClient, ...outcomes: CallOutcome[]): Promise<string> => {
  for (const outcome of outcomes) {
    const permit = await client.admit('spotify')
    if (permit.admitted) permit.report(outcome, 10)
  }
  await client.flush()
  return client.stateOf('spotify').state
}

test('a 429 weighs half as much as a failure, and makes no row of failures', async ({ client }) => {
  expect(outcomeOf(config.breaker, 'rate_limited')).toBe('throttled')
  const half = ['throttled', 'success'] as const
  expect(await call(client, ...half, ...half, ...half, ...half)).toBe('closed')
  expect(await call(client, 'throttled', 'throttled', 'throttled', 'throttled')).toBe('closed')
})

test('a service that answers nothing but 429 is not called any more', async ({ client }) => {
  expect(await call(client, ...Array<CallOutcome>(8).fill('throttled'))).toBe('open')
})

test('one whose limits say that a 429 is no failure is called on', async () => {
  const classes = { ...config.breaker, failure_classes: ['transient' as const] }
  expect(outcomeOf(classes, 'rate_limited')).toBe('ignored')
})

test('an open period is never shorter than what the service asked for', async ({ kernel, clock }) => {
  const [store, budgets] = [createBreakerStore(kernel), createBudgetStore(kernel)]
  const look = () => store.decide('spotify', config.breaker, { op: 'look' })
  const report = { op: 'report', gen: 0, calls: ill.repeat(8), refused: 0 } as const
  await budgets.throttle('spotify', 45_000)
  const { word } = await store.decide('spotify', config.breaker, report)
  expect(word).toMatchObject({ state: 'open', until: clock.now() + 45_000 })
  // A call that was under way asks for more: whoever comes when the time is over is told so.
  await clock.advance(40_000)
  await budgets.throttle('spotify', 20_000)
  await clock.advance(5_000)
  const asked = await store.decide('spotify', config.breaker, { op: 'admit', probe: 'p' })
  const until = clock.now() + 15_000
  expect(asked).toMatchObject({
    answer: 'refused',
    askAgainAt: until,
    word: { state: 'open', since: word.since, until },
  })
  expect((await store.states()).states.get('spotify')).toMatchObject({ state: 'open', until })
  await clock.advance(15_000)
  expect((await look()).word).toMatchObject({ state: 'half_open', gen: word.gen + 2 })
})

test('processes that do not ask hear that an open period was made longer, and it is no fact', async ({
  client,
  kernel,
  clock,
}) => {
  await call(client, 'failure', 'failure', 'failure', 'failure')
  const opened = client.stateOf('spotify')
  await createBudgetStore(kernel).throttle('spotify', 45_000)
  await clock.advance(30_000)
  const heard = new Promise<BreakerChange>((resolve) => client.onChange(resolve))
  await createBreakerStore(kernel).decide('spotify', config.breaker, { op: 'look' })
  const longer = { state: 'open', sinceMs: opened.sinceMs, untilMs: clock.now() + 15_000 }
  expect(await heard).toMatchObject(longer)
  expect(client.stateOf('spotify')).toMatchObject(longer)
  const facts = await createEventLog(kernel).readAfter('0-0', 10)
  expect(facts.map(({ data }) => (JSON.parse(data) as { to: string }).to)).toEqual(['open'])
})

test('a service that asks for more than a day is left alone for a day, whatever the longest open period', async ({
  kernel,
  clock,
}) => {
  const budgets = createBudgets(kernel)
  const { retryAfterMs = 0 } = classify(Object.assign(new Error('later'), { status: 503, retryAfterMs: 1e300 }))
  await budgets.throttle('spotify', clock.now() + retryAfterMs)
  const report = { op: 'report', gen: 0, calls: ill.repeat(8), refused: 0 } as const
  const { word } = await createBreakerStore(kernel).decide('spotify', config.breaker, report)
  expect(word).toMatchObject({ state: 'open', until: clock.now() + 86_400_000 })
})

test('a shorter wish than the open period changes nothing', async ({ kernel, clock }) => {
  const [store, budgets] = [createBreakerStore(kernel), createBudgetStore(kernel)]
  await budgets.throttle('spotify', 5_000)
  const report = { op: 'report', gen: 0, calls: ill.repeat(8), refused: 0 } as const
  const { word } = await store.decide('spotify', config.breaker, report)
  expect(word.until).toBe(clock.now() + 30_000)
})
