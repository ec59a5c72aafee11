// The line of those who wait for a service: each has a time of its own, and many at once cost few commands.
import type { Redis } from 'ioredis'
import { expect, test } from '../../test/support/fixtures.ts'
import { createWaitingLine } from './line.ts'

const hold = (untilMs: number) =>
  ({ service: 'spotify', cause: 'breaker', untilMs, reason: 'breaker spotify open' }) as const

test('who was refused first comes first, as far apart as they may come, over all processes', async ({
  kernel,
  clock,
}) => {
  const [one, other] = [createWaitingLine(kernel), createWaitingLine(kernel)]
  const until = clock.now() + 5_000
  const ask = (line: typeof one, count: number) =>
    Promise.all(Array.from({ length: count }, async () => line.place(hold(until), 100, false)))
  const first = await ask(one, 25)
  expect(first).toEqual(Array.from({ length: 25 }, (_, n) => until + 10 * n))
  const later = await ask(other, 5)
  expect(later).toEqual(Array.from({ length: 5 }, (_, n) => until + 250 + 10 * n))
  // Urgent ones have a line of their own.
  expect(await one.place(hold(until), 100, true)).toBe(until)
})

test('a hundred at once ask Redis once, and another period finds the places that are left', async ({
  kernel,
  clock,
}) => {
  let asked = 0
  const redis = replacing(kernel.redis, (evalsha) => {
    asked++
    return evalsha()
  })
  const line = createWaitingLine({ ...kernel, redis })
  const until = clock.now() + 5_000
  await Promise.all(Array.from({ length: 100 }, async () => line.place(hold(until), 100, false)))
  expect(asked).toBe(1)
  expect(await line.place(hold(until), 100, false)).toBe(until + 1_000)
  expect(line.place(hold(until + 3), 100, false)).toBe(until + 1_010)
  expect(asked).toBe(2)
})

test('a new period begins when it is worth asking, whatever places are left of the one before', async ({
  kernel,
  clock,
}) => {
  const line = createWaitingLine(kernel)
  const until = clock.now() + 5_000
  await line.place(hold(until), 100, false)
  expect(await line.place(hold(until + 60_000), 100, false)).toBe(until + 60_000)
})

test('without Redis a job comes when it is worth asking', async ({ kernel, clock }) => {
  const redis = replacing(kernel.redis, () => Promise.reject(new Error('away')))
  const until = clock.now() + 1_234
  expect(await createWaitingLine({ ...kernel, redis }).place(hold(until), 100, false)).toBe(until)
})

/** The same connection, but for how scripts are sent. */
const replacing = (redis: Redis, send: (evalsha: () => Promise<unknown>) => Promise<unknown>): Redis =>
  new Proxy(redis, {
    get(target, name, receiver) {
      if (name !== 'evalsha') return Reflect.get(target, name, receiver) as unknown
      return (...args: Parameters<Redis['evalsha']>) => send(() => target.evalsha(...args))
    },
  })
