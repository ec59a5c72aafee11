// A line is swept slice by slice: those that are meant go, from wherever in it they stand, and the others keep their order.
import { expect, test } from '../../test/support/rooms.ts'

test('of a line only those that were made in time go, also from among those that stay', async ({ kernel, bull }) => {
  const keys = bull.keys('line')
  const line = Array.from({ length: 1_000 }, (_, n) => `j-${n}`)
  const isOld = (id: string): boolean => Number(id.slice(2)) % 4 === 1
  const laid = kernel.redis.pipeline().rpush(keys.wait, ...line)
  for (const id of line) laid.hset(keys.job(id), { timestamp: isOld(id) ? 1 : 3, name: 'x', data: '{}' })
  await laid.exec()
  const terms = { place: 'wait', mark: 'op', most: 125, until: { is: 'made', at: 2 } } as const
  let passed = 0
  for (let looked = 1; looked > 0;) {
    const swept = await bull.sweep('line', { ...terms, passed })
    passed += swept.kept
    looked = swept.looked
  }
  expect(await kernel.redis.lrange(keys.wait, 0, -1)).toEqual(line.filter((id) => !isOld(id)))
  expect(await bull.sweptBy('line', 'op')).toBe(250)
  expect(await kernel.redis.exists(...line.filter(isOld).map((id) => keys.job(id)))).toBe(0)
})
