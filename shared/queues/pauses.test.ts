// What is promised of a pause with an end: the queue goes on by itself, whoever was away meanwhile.
import { toIso } from '../kernel/clock.ts'
import { expect, problemOf, test } from '../../test/support/rooms.ts'
import { createResumer, pauseFor, resumeDue } from './pauses.ts'

const HOUR = 3_600_000

test('a queue that was stopped until a time says so, and goes on by itself when it has come', async ({
  queues,
  kernel,
  bull,
  clock,
  me,
}) => {
  const until = toIso(clock.now() + HOUR)
  const stopped = await queues.pause(me, 'mail', { reason: 'provider is down', until })
  expect(stopped).toMatchObject({ paused: true, pause: { by: 'Ada', reason: 'provider is down', until } })
  const resumer = createResumer(kernel, bull)
  await resumer.start()
  await expect.poll(() => clock.sleepers).toBe(1)
  await clock.advance(HOUR - 1)
  expect((await queues.show(me, 'mail')).paused).toBe(true)
  await clock.advance(1_000)
  await expect.poll(async () => queues.show(me, 'mail')).toMatchObject({ paused: false, pause: null })
  await resumer.stop()
})

test('nobody who could let it go on was there when its time came: the first who comes does', async ({
  queues,
  kernel,
  bull,
  clock,
  me,
}) => {
  await queues.pause(me, 'mail', { until: toIso(clock.now() + 1_000) })
  await clock.advance(24 * HOUR)
  expect(await resumeDue({ kernel, bull })).toEqual(['mail'])
  expect(await resumeDue({ kernel, bull })).toEqual([])
  expect(await bull.queue('mail').isPaused()).toBe(false)
})

test('the last who paused it counts: a later end, or none', async ({ queues, kernel, bull, clock, me }) => {
  await queues.pause(me, 'mail', { until: toIso(clock.now() + 1_000) })
  await queues.pause(me, 'mail', { until: toIso(clock.now() + HOUR) })
  await queues.pause(me, 'reports', { until: toIso(clock.now() + 1_000) })
  await queues.pause(me, 'reports', { reason: 'for good' })
  await clock.advance(2_000)
  expect(await resumeDue({ kernel, bull })).toEqual([])
  await clock.advance(HOUR)
  expect(await resumeDue({ kernel, bull })).toEqual(['mail'])
  expect(await queues.show(me, 'reports')).toMatchObject({ paused: true, pause: { reason: 'for good', until: null } })
})

test('one that was resumed by hand, and stopped by other means since, is left stopped', async ({
  queues,
  kernel,
  bull,
  clock,
  me,
}) => {
  await queues.pause(me, 'mail', { until: toIso(clock.now() + 1_000) })
  await queues.resume(me, 'mail')
  await bull.queue('mail').pause()
  await clock.advance(2_000)
  expect(await resumeDue({ kernel, bull })).toEqual([])
  expect(await queues.show(me, 'mail')).toMatchObject({ paused: true, pause: null })
})

test('an end that has passed, or is years away, is refused by its name', async ({ queues, bull, clock, me }) => {
  for (const at of [clock.now(), clock.now() + 400 * 24 * HOUR]) {
    const problem = await problemOf(queues.pause(me, 'mail', { until: toIso(at) }))
    expect(problem).toMatchObject({ code: 'validation-failed', extras: { errors: [{ pointer: '#/until' }] } })
  }
  expect(await bull.queue('mail').isPaused()).toBe(false)
})

test('a queue that cannot go on keeps none of the others', async ({ kernel, bull, clock }) => {
  for (const queue of ['broken', 'mail']) {
    await bull.queue(queue).add('x', {})
    await pauseFor({ kernel, bull }, queue, { by: 'Ada', reason: null, until: new Date(clock.now()).toISOString() })
  }
  const { meta } = bull.keys('broken')
  await kernel.redis.multi().del(meta).set(meta, 'nonsense').exec()
  await clock.advance(1_000)
  expect(await resumeDue({ kernel, bull })).toEqual(['mail'])
})
