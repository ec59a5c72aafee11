// What is promised of a grace: who heeds the signal ends by themselves, who is deaf is given up, and the reason is the signal's.
import { z } from 'zod'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { catalogOf, kind } from '../catalog/catalog.ts'
import { done } from '../catalog/handler.ts'
import type { Handler } from '../catalog/handler.ts'
import type { Attempt, Outcome } from './attempt.ts'
import { Cancelled, LockLost } from './ending.ts'
import { Interrupt } from './interrupt.ts'
import { perform } from './perform.ts'

const step = kind({ name: 'step', queue: 'steps', summary: 'A step.', payload: z.object({}), result: z.null() })
type Step = Handler<typeof step>

interface Given {
  interrupt: Interrupt
  /** How an attempt ends that may run for a second and has a grace of five. */
  ends: (handler: Step) => { outcome: Promise<Outcome>; isOver: () => boolean }
}

const test = base.extend<Given>({
  interrupt: async ({}, use) => use(new Interrupt()),
  ends: async ({ clock, interrupt }, use) =>
    use((handler) => {
      const job = { id: 'a', queue: 'steps', opts: {}, attemptsMade: 0, starts: 1, interrupt, tools: {} }
      const work = { kind: step, handler, payload: {} }
      const terms = { number: 1, maxAttempts: 1, timeoutMs: 1_000, graceMs: 5_000 }
      let over = false
      const outcome = perform(clock, catalogOf(step))({ job, work, ...terms } as unknown as Attempt)
      void outcome.then(() => (over = true))
      return { outcome, isOver: () => over }
    }),
})

const deaf: Step = () => new Promise(() => undefined)
const heeds =
  (tidy: () => Promise<void>): Step =>
  async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await tidy()
    return done(null)
  }

test('after its time a handler has the grace to end, and its attempt timed out all the same', async ({
  ends,
  clock,
}) => {
  const { outcome, isOver } = ends(heeds(() => clock.sleep(2_000)))
  await clock.advance(1_000)
  await clock.advance(1_999)
  expect(isOver()).toBe(false)
  await clock.advance(1)
  expect(await outcome).toMatchObject({ is: 'failed', error: { name: 'TimeoutError' } })
})

test('who is deaf is given up when the grace is over', async ({ ends, clock }) => {
  const { outcome, isOver } = ends(deaf)
  await clock.advance(1_000)
  await clock.advance(4_999)
  expect(isOver()).toBe(false)
  await clock.advance(1)
  expect(await outcome).toMatchObject({ is: 'failed', error: { name: 'TimeoutError' } })
})

test('a cancel has the grace of the job, or its own', async ({ ends, clock, interrupt }) => {
  const { outcome } = ends(deaf)
  interrupt.end(new Cancelled('not wanted', 100))
  await clock.advance(100)
  expect(await outcome).toEqual({ is: 'cancelled', reason: 'not wanted' })
})

test("a job that is another worker's by now is let go at once", async ({ ends, interrupt }) => {
  const { outcome } = ends(deaf)
  interrupt.end(new LockLost('lock lost'))
  expect(await outcome).toEqual({ is: 'lost' })
})
