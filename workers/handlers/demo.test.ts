// The demo's kinds do what their payloads say.
import { catalogOf } from '../../shared/catalog/catalog.ts'
import * as kinds from '../../shared/catalog/demo.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { createTestKit } from '../../shared/testing/testing.ts'
import type { TestKit } from '../../shared/testing/testing.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { demoCharge, demoEncode, demoMail, demoReport } from './demo.ts'

const catalog = catalogOf(kinds.demoMail, kinds.demoCharge, kinds.demoEncode, kinds.demoReport)
const test = base.extend<{ kit: TestKit<typeof catalog> }>({
  kit: async ({ kernel }, use) => {
    const handlers = {
      'demo.mail': demoMail(systemClock),
      'demo.charge': demoCharge(systemClock),
      'demo.encode': demoEncode(systemClock),
      'demo.report': demoReport(systemClock),
    }
    const kit = createTestKit(kernel, { catalog, handlers })
    await use(kit)
    await kit.close()
  },
})
const mail = { to: 'ada@example.com', subject: 'Hi', takes_ms: 1 }

test('a mail succeeds', async ({ kit }) => {
  expect(await kit.perform('demo.mail', mail)).toMatchObject({ state: 'completed', result: { attempt: 1 } })
})

test('it fails until the attempt that was said, then succeeds', async ({ kit }) => {
  await kit.perform('demo.mail', { ...mail, fails_until: 2 })
  expect((await kit.drain('mail')).map(({ state }) => state)).toEqual(['delayed', 'completed'])
})

test('a permanent failure dies at once, a time-out at its last attempt', async ({ kit }) => {
  expect(await kit.perform('demo.mail', { ...mail, fails_until: 1, fails_as: 'permanent' })).toMatchObject({
    state: 'failed',
    attemptsMade: 1,
  })
  await kit.perform('demo.encode', { recording: 'x', takes_ms: 1, steps: 2, fails_until: 50, fails_as: 'timeout' })
  expect((await kit.drain('media')).at(-1)).toMatchObject({ state: 'failed', attemptsMade: 3 })
})

test('a rate limit asks for at least three seconds', async ({ kit }) => {
  const ran = await kit.perform('demo.charge', {
    customer: 'ada',
    amount_cents: 100,
    takes_ms: 1,
    fails_until: 1,
    fails_as: 'rate_limited',
  })
  expect(ran.delayMs).toBeGreaterThanOrEqual(3_000)
})

test('an encoding tells progress and logs; a report that is too early puts itself off', async ({ kit }) => {
  const { id } = await kit.perform('demo.encode', { recording: 'x', takes_ms: 4, steps: 4 })
  expect((await kit.bull.queue('media').getJob(id))?.progress).toBe(100)
  expect((await kit.bull.queue('media').getJobLogs(id)).logs).toEqual(['encoding x in 4 steps', 'done'])
  const later = new Date(Date.now() + 60_000).toISOString()
  expect(await kit.perform('demo.report', { title: 'x', not_before: later })).toMatchObject({
    state: 'delayed',
    attemptsMade: 0,
  })
})
