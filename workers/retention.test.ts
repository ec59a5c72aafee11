// How long completed jobs stay.
import { expect, test } from '../test/support/fixtures.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import { catalogOf, kind } from '../shared/catalog/catalog.ts'
import { done, permanent } from '../shared/catalog/handler.ts'
import { createTestKit } from '../shared/testing/testing.ts'
import { z } from 'zod'
import { createRetention, tidy } from './retention.ts'

const task = kind({
  name: 'task',
  queue: 'tasks',
  summary: 'Done or not.',
  payload: z.strictObject({ good: z.boolean() }),
  result: z.null(),
})
const never = new AbortController().signal

test('the newest completed jobs stay, older ones go, dead letters are not touched', async ({ kernel }) => {
  const bull = createBull(kernel)
  const handlers = {
    task: ({ payload }: { payload: { good: boolean } }) => {
      if (!payload.good) throw permanent(new Error('no'))
      return done(null)
    },
  }
  const kit = createTestKit(kernel, { catalog: catalogOf(task), handlers, bull })
  const ids: string[] = []
  for (const good of [true, false, true, true, false, true]) ids.push((await kit.perform('task', { good })).id)
  // Of two that ended in one millisecond neither is the newer one.
  const { completed } = bull.keys('tasks')
  for (const [n, id] of ids.entries()) await kernel.redis.zadd(completed, 'XX', Date.now() - 1_000 + n, id)

  await tidy(kernel, bull, 'tasks', never, { kept: 2 })
  expect(await bull.stateOf(ids.map((id) => ({ queue: 'tasks', id })))).toEqual([
    'missing',
    'failed',
    'missing',
    'completed',
    'failed',
    'completed',
  ])

  await tidy(kernel, bull, 'tasks', never, { ageMs: 0 })
  const counts = (await bull.counts(['tasks'])).get('tasks')
  expect(counts).toMatchObject({ completed: 0, failed: 2 })
  await kit.close()
  await bull.close()
})

test('a queue that Redis refuses to tidy neither ends the process nor keeps the others from being tidied', async ({
  kernel,
  clock,
  logged,
}) => {
  const bull = createBull(kernel)
  const kit = createTestKit(kernel, { catalog: catalogOf(task), handlers: { task: () => done(null) }, bull })
  await kit.perform('task', { good: true })
  await kernel.redis.set(bull.keys('broken').completed, 'no set')
  const retention = createRetention(kernel, bull, ['broken', 'tasks'], { kept: 0 })
  await retention.start()
  for (let round = 1; round <= 2; round++) {
    await clock.advance(60_000)
    const warning: unknown = expect.objectContaining({ level: 'warn', queue: 'broken' })
    await expect.poll(() => logged).toEqual(Array.from({ length: round }, () => warning))
    await expect.poll(async () => (await bull.counts(['tasks'])).get('tasks')).toMatchObject({ completed: 0 })
  }
  await retention.stop()
  await kit.close()
  await bull.close()
})
