// How many processes serve the API, by whatever clock each of them has.
import { createFleet } from './fleet.ts'
import { expect, test } from '../../test/support/fixtures.ts'
import { systemClock } from '../kernel/clock.ts'

test('a process whose clock is half a minute wrong neither calls the others gone nor goes itself', async ({
  kernel,
}) => {
  const own = { ...kernel, clock: systemClock }
  const right = createFleet(own, () => kernel.redis)
  const beside = createFleet(own, () => kernel.redis)
  const wrong = createFleet(own, () => kernel.redis)
  const sizes = () => [right, beside, wrong].map(({ size }) => size)
  await right.start()
  await beside.start()
  await expect.poll(() => sizes().slice(0, 2)).toContain(2)
  const { now } = Date
  try {
    for (const aheadMs of [30_000, -30_000]) {
      Date.now = () => now() + aheadMs
      await wrong.start()
      await expect.poll(() => wrong.size).toBe(3)
      await wrong.stop()
    }
  } finally {
    Date.now = now
    for (const fleet of [right, beside]) await fleet.stop()
  }
})
