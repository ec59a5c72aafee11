// The script in Redis and the written policy are one machine.
import { expect, test } from '../../test/support/fixtures.ts'
import { drive } from './fixtures/model.ts'

test('whatever happens in whatever order, Redis and the policy make the same of it', async ({ kernel, clock }) => {
  const { commands, entered } = await drive(kernel, clock, { sequences: 150 })
  expect(commands).toBeGreaterThan(1_000)
  expect(Object.keys(entered).sort()).toEqual([
    'closed',
    'disabled',
    'forced_closed',
    'forced_open',
    'half_open',
    'open',
  ])
})
