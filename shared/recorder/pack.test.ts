// What scripts unpack is what was packed, whatever it is.
import { expect, test } from '../../test/support/fixtures.ts'
import { pack } from './pack.ts'

test('Redis reads back every value, of any length and any script', async ({ kernel }) => {
  const lengths = [0, 1, 31, 32, 255, 256, 1_023, 1_024, 65_535, 65_536]
  const values = ['', 'é', '日本', '\u0000\n', '😀'.repeat(20_000), ...lengths.map((length) => 'a'.repeat(length)), 1_795_343_641_000] // prettier-ignore
  const echoed = await kernel.redis.eval('return cmsgpack.unpack(ARGV[1])', 0, pack(values))
  expect(echoed).toEqual(values.map(String))
})

test('more values than a script may be given as arguments', async ({ kernel }) => {
  const values = Array.from({ length: 100_000 }, (_, n) => n)
  expect(await kernel.redis.eval('return #cmsgpack.unpack(ARGV[1])', 0, pack(values))).toBe(100_000)
})
