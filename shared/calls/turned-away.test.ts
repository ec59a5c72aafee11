// What processes tell each other of calls that are turned away.
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { createTurnedAway } from './turned-away.ts'

test('it is told once a second, and forgotten after a minute', async ({ kernel, clock }) => {
  const told = createTurnedAway(kernel)
  const begunMs = clock.now()
  const tellAfter = async (ms: number): Promise<(number | undefined)[]> => {
    await clock.advance(ms)
    told.tell('smtp')
    return await createTurnedAway(kernel).read(['smtp', 'imap'])
  }
  expect(await tellAfter(0)).toEqual([begunMs, undefined])
  expect(await tellAfter(999)).toEqual([begunMs, undefined])
  expect(await tellAfter(1)).toEqual([begunMs + 1_000, undefined])
  const lifeMs = await kernel.redis.pttl(kernel.key('calls', 'turned-away', 'smtp'))
  expect(lifeMs).toBeGreaterThan(0)
  expect(lifeMs).toBeLessThanOrEqual(60_000)
})

test('a word that has not reached Redis yet is not told again', async ({ kernel, clock }) => {
  const waiting = Promise.withResolvers<'OK'>()
  const sent = vi.spyOn(kernel.redis, 'set').mockReturnValue(waiting.promise)
  const told = createTurnedAway(kernel)
  for (let n = 0; n < 5; n++) {
    told.tell('smtp')
    await clock.advance(1_000)
  }
  expect(sent).toHaveBeenCalledTimes(1)
  waiting.resolve('OK')
  await clock.advance(1_000)
  told.tell('smtp')
  expect(sent).toHaveBeenCalledTimes(2)
})
