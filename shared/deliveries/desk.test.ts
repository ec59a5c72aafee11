// Who may be sent to now: endpoints that fail leave room for those of which nothing is known yet, those that hang for all others.
import { expect, test } from 'vitest'
import { stoppedClock } from '../kernel/clock.ts'
import { createDesk } from './desk.ts'
import type { Desk, Known } from './desk.ts'

const fresh: Known = { failures: 0, failingSince: undefined, succeededAt: undefined, restsUntil: undefined }
const proven: Known = { ...fresh, succeededAt: stoppedClock().now() }
const failing: Known = { ...fresh, failures: 7, failingSince: 1 }

test('an endpoint that is new gets a place although as many fail as there is room for', async () => {
  const desk = createDesk({ clock: stoppedClock() }, 16)
  const enter = async (id: string, standing: Known) => (await desk.enter(id, 4, standing)).entered
  expect(desk.roomForSuspects()).toEqual({ all: 4, failing: 3 })
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((id) => enter(id, failing)))).toEqual([true, true, true, false])
  expect(desk.roomForSuspects()).toEqual({ all: 1, failing: 0 })
  expect(await enter('new', fresh)).toBe(true)
  expect(await enter('newer', fresh)).toBe(false)
})

/** Asks for so many places at once; answers how many were given, and what became of those that wait. */
const ask = (desk: Desk, id: string, count: number) => {
  const entries = Array.from({ length: count }, () => desk.enter(id, 4, proven))
  const given = entries.filter((entry) => !(entry instanceof Promise) && entry.entered)
  return { given: given.length, waiting: entries.filter((entry) => entry instanceof Promise) }
}

test('two endpoints that hang do not hold most of the places, and who waits for them lets go after a second', async () => {
  const clock = stoppedClock()
  const desk = createDesk({ clock }, 10)
  const [a, b] = [ask(desk, 'a', 9), ask(desk, 'b', 9)]
  expect(a.given + b.given).toBe(6)
  expect(a.waiting).toHaveLength(6)
  await clock.advance(1_000)
  const until = clock.now() + 1_000
  for (const entry of await Promise.all([...a.waiting, ...b.waiting]))
    expect(entry).toEqual({ entered: false, cause: 'concurrency', until })
  expect(clock.sleepers).toBe(0)
  expect(ask(desk, 'good', 1).given).toBe(1)
})

test('an endpoint that hangs is a slow one before it has answered, and no longer when it has', async () => {
  const clock = stoppedClock()
  const desk = createDesk({ clock }, 16)
  const first = await desk.enter('a', 4, proven)
  ask(desk, 'b', 4)
  ask(desk, 'c', 3)
  await clock.advance(1_000)
  expect(await desk.enter('a', 4, proven)).toMatchObject({ entered: false, cause: 'concurrency' })
  expect(await desk.enter('good', 4, proven)).toMatchObject({ entered: true })
  if (first.entered) first.leave(900)
  expect(await desk.enter('a', 4, proven)).toMatchObject({ entered: true })
})

test('who waits for an endpoint that answers waits until it is its turn', async () => {
  const clock = stoppedClock()
  const desk = createDesk({ clock }, 4)
  const first = await desk.enter('a', 4, proven)
  const second = desk.enter('a', 4, proven)
  await clock.advance(999)
  if (first.entered) first.leave(200)
  expect(await second).toMatchObject({ entered: true })
})

test('who waits for an endpoint that begins to rest is sent away at once', async () => {
  const clock = stoppedClock()
  const desk = createDesk({ clock }, 16)
  const { waiting } = ask(desk, 'a', 6)
  expect(waiting).toHaveLength(2)
  const until = clock.now() + 30_000
  desk.rest('a', until)
  const sent = { entered: false, cause: 'breaker', until }
  expect(await Promise.all(waiting)).toEqual([sent, sent])
})

test('what an attempt that has just begun is in the way of may go in a moment', async () => {
  const clock = stoppedClock()
  const desk = createDesk({ clock }, 16)
  expect(await desk.enter('new', 4, fresh)).toMatchObject({ entered: true })
  expect(await desk.enter('new', 4, fresh)).toMatchObject({ entered: false, isBrief: true })
  await clock.advance(100)
  expect(await desk.enter('new', 4, fresh)).toMatchObject({ entered: false, isBrief: false })
})
