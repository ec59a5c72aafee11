// Whatever runs starts once, stops once, and has ended when it says so.
import { expect, test } from 'vitest'
import { stoppedClock } from './clock.ts'
import { loop } from './service.ts'

test('a loop runs once however often it is started, and has ended when stop returns', async () => {
  const clock = stoppedClock()
  let runs = 0
  let ended = 0
  const service = loop('ticker', async (signal) => {
    runs++
    await clock.sleep(60_000, signal)
    ended++
  })
  await service.stop()
  await service.start()
  await service.start()
  expect([runs, ended]).toEqual([1, 0])
  await Promise.all([service.stop(), service.stop()])
  expect([runs, ended]).toEqual([1, 1])
  await service.start()
  expect(runs).toBe(2)
  await service.stop()
})
