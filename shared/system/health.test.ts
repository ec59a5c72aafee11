// When a process says that it is ready.
import { expect, test } from '../../test/support/fixtures.ts'
import { createSystem } from './health.ts'

test('a process whose clock differs from that of Redis is not ready until it is set', async ({ kernel }) => {
  let ahead = 0
  const system = createSystem(kernel, () => Date.now() + ahead)
  for (const [by, ok] of [
    [0, true],
    [-30_000, false],
    [30_000, false],
    [0, true],
  ] as const) {
    ahead = by
    expect((await system.health(false)).ok).toBe(ok)
  }
  ahead = -30_000
  const { health } = await system.health(true)
  expect(health.checks).toMatchObject({ 'clock:skew': [{ status: 'fail', observedUnit: 'ms' }] })
})
