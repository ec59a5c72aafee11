// The watch over a worker process: hangs and clocks, by a clock the test moves.
import { vi } from 'vitest'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { stoppedClock } from '../shared/kernel/clock.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { skewOf } from '../shared/kernel/skew.ts'
import { expect, test as base } from '../test/support/fixtures.ts'
import type { Fleet } from './fleet.ts'
import { createWatch, untilInTime } from './watch.ts'

interface Given {
  bull: Bull
  /** A fleet that has free slots in one queue and does nothing. */
  fleet: { -readonly [Key in keyof Fleet]: Fleet[Key] } & { held: boolean[] }
  /** Moves the clock in steps of ten seconds, waiting for each look to end. */
  pass: (seconds: number) => Promise<void>
  hung: string[]
}

const test = base.extend<Given>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
  hung: async ({ prefix: _prefix }, use) => use([]),
  fleet: async ({ prefix: _prefix }, use) => {
    const held: boolean[] = []
    await use({
      held,
      slots: { mail: 2 },
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      hold: async (on) => void held.push(on),
      rest: async () => undefined,
      isResting: false,
      active: () => [],
      cancel: () => false,
      running: () => 0,
      fetchedAt: () => undefined,
      tap: {
        ...{ close: async () => undefined, drip: async () => undefined, open: async () => undefined },
        hasRoom: () => true,
      },
      isHeld: () => false,
    })
  },
  pass: async ({ kernel, bull, fleet, hung, clock }, use) => {
    const watch = createWatch(kernel, {
      bull,
      fleet,
      everyMs: 10_000,
      noFetchMs: 60_000,
      skewMaxMs: Infinity,
      onHang: (queue) => hung.push(queue),
    })
    await watch.start()
    await use(async (seconds) => {
      for (let left = seconds; left > 0; left -= 10) {
        await clock.advance(10_000)
        // The look is over when the watch sleeps again.
        while (clock.sleepers === 0) await kernel.redis.ping()
      }
    })
    await watch.stop()
  },
})

const add = (bull: Bull, priority = 0) => bull.queue('mail').add('demo.mail', {}, priority > 0 ? { priority } : {})

test('jobs that wait for a minute beside free slots mean that the process hangs', async ({ bull, pass, hung }) => {
  await add(bull)
  await pass(60)
  expect(hung).toEqual([])
  await pass(10)
  expect(hung).toEqual(['mail'])
})

test('a minute in which Redis did not answer is no minute in which the process hung', async ({
  bull,
  kernel,
  pass,
  hung,
}) => {
  await add(bull)
  await pass(50)
  vi.spyOn(kernel.redis, 'time').mockRejectedValueOnce(new Error('BUSY Redis is busy running a script'))
  await pass(20)
  expect(hung).toEqual([])
  await pass(60)
  expect(hung).toEqual(['mail'])
})

test('prioritized jobs count as waiting', async ({ bull, pass, hung }) => {
  await add(bull, 5)
  await pass(70)
  expect(hung).toEqual(['mail'])
})

test('a process that fetches does not hang, however many wait', async ({ bull, pass, hung, fleet, clock }) => {
  await add(bull)
  fleet.fetchedAt = () => clock.now()
  await pass(200)
  expect(hung).toEqual([])
})

test.for<
  [string, (given: { bull: Bull; fleet: Given['fleet']; meta: (field: string) => Promise<unknown> }) => unknown]
>([
  ['nothing waits', ({ bull }) => bull.queue('mail').drain()],
  ['all slots are taken', ({ fleet }) => (fleet.running = () => 2)],
  ['the queue is paused', ({ bull }) => bull.queue('mail').pause()],
  ['the queue may run none at a time', ({ meta }) => meta('concurrency')],
  ['the queue is limited in rate', ({ meta }) => meta('max')],
])('it does not hang when %s', async ([, arrange], { kernel, bull, pass, hung, fleet }) => {
  await add(bull)
  await arrange({
    bull,
    fleet,
    meta: (field) => kernel.redis.hset(bull.keys('mail').meta, field, field === 'max' ? 1 : 0),
  })
  await pass(200)
  expect(hung).toEqual([])
})

test('a clock that differs from that of Redis keeps the process from taking jobs until it agrees', async ({
  kernel,
  prefix,
}) => {
  const wrong = stoppedClock(Date.now() + 30_000)
  let right = false
  const clock = { ...wrong, now: () => (right ? Date.now() : wrong.now()) }
  const late = createKernel({ settings: kernel.settings, role: 'worker', clock, log: kernel.log, tag: prefix })
  expect(await skewOf(late.redis, clock.now)).toBeGreaterThan(29_000)

  const inTime = untilInTime(late, 500, new AbortController().signal)
  while (wrong.sleepers === 0) await late.redis.ping()
  right = true
  await wrong.advance(1_000)
  await inTime
  await late.close()
})

test('a clock that goes wrong while it runs holds the fleet until it is right again', async ({
  kernel,
  prefix,
  bull,
  fleet,
}) => {
  const moved = stoppedClock(Date.now())
  let ahead = 0
  const clock = { ...moved, now: () => Date.now() + ahead }
  const late = createKernel({ settings: kernel.settings, role: 'worker', clock, log: kernel.log, tag: prefix })
  const watch = createWatch(late, { bull, fleet, everyMs: 1_000, onHang: () => undefined })
  await watch.start()
  ahead = 60_000
  await moved.advance(1_000)
  while (fleet.held.length === 0 || moved.sleepers === 0) await late.redis.ping()
  expect(fleet.held).toEqual([true])
  ahead = 0
  await moved.advance(1_000)
  while (fleet.held.length < 2) await late.redis.ping()
  expect(fleet.held).toEqual([true, false])
  await watch.stop()
  await late.close()
})

test('a Redis that refuses to answer neither ends the watch nor leaves the process held', async ({
  kernel,
  bull,
  fleet,
  clock,
  logged,
}) => {
  const time = vi.spyOn(kernel.redis, 'time')
  const inSeconds = (ms: number): [number, number] => [Math.floor(ms / 1_000), (ms % 1_000) * 1_000]
  const busy = new Error('BUSY Redis is busy running a script')
  const watch = createWatch(kernel, { bull, fleet, everyMs: 10_000, skewMaxMs: 500, onHang: () => undefined })
  const look = async (): Promise<void> => {
    await clock.advance(10_000)
    await expect.poll(() => clock.sleepers).toBe(1)
  }
  await watch.start()
  time.mockRejectedValueOnce(busy)
  await look()
  expect(fleet.held).toEqual([])
  time.mockResolvedValueOnce(inSeconds(clock.now() - 60_000)).mockRejectedValueOnce(busy)
  await look()
  expect(fleet.held).toEqual([true])
  time.mockImplementation(() => Promise.resolve(inSeconds(clock.now())))
  await look()
  expect(fleet.held).toEqual([true, true, false])
  expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(2)
  await watch.stop()
})
