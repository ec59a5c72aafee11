// "Since you last looked" is true whichever browser that was in, and costs a request every two minutes at most.
import { expect, test } from 'vitest'
import { AWAY_MS, EVERY_MS, Looker, type Seen } from './looker.ts'

const MINUTE = 60_000
const at = (minutes: number): string => new Date(minutes * MINUTE).toISOString()

/** A person with browsers over one server; time goes on when it is told to. */
const person = (seen: Seen = {}) => {
  const world = { now: 0, seen: { ...seen }, writes: 0, isDown: false, learning: Promise.resolve(undefined) }
  const browser = (): Looker => {
    let known: Seen = {}
    return new Looker({
      now: () => world.now,
      known: () => known.last_seen_at ?? null,
      since: () => known.seen_before_at ?? null,
      learn: async () => {
        await world.learning
        known = { ...known, ...world.seen }
      },
      write: async (next) => {
        world.writes++
        known = { ...known, ...next }
        if (world.isDown) throw new Error('no answer')
        world.seen = { ...world.seen, ...next }
      },
    })
  }
  const move = async (looker: Looker, minutes: number): Promise<void> => {
    world.now = minutes * MINUTE
    await looker.moved()
  }
  return { world, browser, move }
}

test('who comes for the first time has not looked before', async () => {
  const { world, browser, move } = person()
  await move(browser(), 100)
  expect(world.seen).toEqual({ last_seen_at: at(100) })
})

test('who comes back after a while is told since when, also in another browser', async () => {
  const { world, browser, move } = person()
  const [office, home] = [browser(), browser()]
  await move(office, 100)
  await move(office, 110)
  await move(home, 300)
  expect(world.seen).toEqual({ last_seen_at: at(300), seen_before_at: at(110) })
  await move(home, 310)
  // The page in the office stood open all the time: what was seen at home is not new there.
  await move(office, 312)
  expect(world.seen).toEqual({ last_seen_at: at(312), seen_before_at: at(110) })
  await move(office, 312 + AWAY_MS / MINUTE + 1)
  expect(world.seen.seen_before_at).toBe(at(312))
})

test('a page loaded anew in between goes on, and does not forget since when', async () => {
  const { world, browser, move } = person({ last_seen_at: at(50), seen_before_at: at(10) })
  await move(browser(), 60)
  expect(world.seen).toEqual({ last_seen_at: at(60), seen_before_at: at(10) })
})

test('it is written every two minutes at most, and once more on leaving', async () => {
  const { world, browser, move } = person()
  const looker = browser()
  for (let minute = 0; minute <= 10; minute += 0.25) await move(looker, minute)
  expect(world.writes).toBe(1 + (10 * MINUTE) / EVERY_MS)
  await move(looker, 10.5)
  await looker.settle()
  await looker.settle()
  expect([world.writes, world.seen.last_seen_at]).toEqual([7, at(10.5)])
})

test('since when things are new is written with the next where it could not be written at first', async () => {
  const { world, browser, move } = person({ last_seen_at: at(50), seen_before_at: at(10) })
  const looker = browser()
  world.isDown = true
  await move(looker, 100)
  await move(looker, 102)
  world.isDown = false
  await move(looker, 103)
  expect([world.writes, world.seen]).toEqual([2, { last_seen_at: at(50), seen_before_at: at(10) }])
  await move(looker, 104)
  await looker.settle()
  expect(world.seen).toEqual({ last_seen_at: at(104), seen_before_at: at(50) })
})

test('who leaves before it is known when they looked last does not write over it', async () => {
  const { world, browser } = person({ last_seen_at: at(50), seen_before_at: at(10) })
  const learning = Promise.withResolvers<undefined>()
  world.learning = learning.promise
  world.now = 100 * MINUTE
  const looker = browser()
  const begun = looker.moved()
  world.now += 1_000
  void looker.moved()
  const left = looker.settle()
  learning.resolve(undefined)
  await Promise.all([begun, left])
  expect(world.seen).toEqual({ last_seen_at: new Date(world.now).toISOString(), seen_before_at: at(50) })
})
