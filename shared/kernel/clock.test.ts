// Time as a value: one that runs, one that stands still until it is moved.
import { describe, expect, test } from 'vitest'
import { LATEST, inCalendar, stoppedClock, systemClock, toIso } from './clock.ts'

describe('a stopped clock', () => {
  test('wakes sleepers whose time has come, in the order of their times, and nobody else', async () => {
    const clock = stoppedClock(1_000)
    const woken: string[] = []
    const sleep = (name: string, ms: number): Promise<void> => clock.sleep(ms).then(() => void woken.push(name))
    const sleeps = [sleep('late', 300), sleep('soon', 100), sleep('middle', 200)]
    await clock.advance(250)
    expect([woken, clock.now(), clock.sleepers]).toEqual([['soon', 'middle'], 1_250, 1])
    await clock.advance(50)
    await Promise.all(sleeps)
    expect(woken).toEqual(['soon', 'middle', 'late'])
  })

  test('lets go of a sleeper whose signal aborts, and of one that is aborted already', async () => {
    const clock = stoppedClock()
    const abort = new AbortController()
    const sleeping = clock.sleep(1_000, abort.signal)
    abort.abort()
    await sleeping
    await clock.sleep(1_000, abort.signal)
    expect(clock.sleepers).toBe(0)
  })
})

test('the machine’s clock ends a sleep early, without an error, when the signal aborts', async () => {
  const abort = new AbortController()
  const sleeping = systemClock.sleep(60_000, abort.signal)
  abort.abort()
  await sleeping
  await systemClock.sleep(60_000, abort.signal)
  await systemClock.sleep(1)
})

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [-5, '1970-01-01T00:00:00.000Z'],
  [NaN, '1970-01-01T00:00:00.000Z'],
  [Infinity, '9999-12-31T23:59:59.999Z'],
  [1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
])('%d ms is told as %s, always alike', (ms, text) => {
  expect([toIso(ms), toIso(ms)]).toEqual([text, text])
  expect(inCalendar(ms)).toBeLessThanOrEqual(LATEST)
})
