// Where jobs are is told rightly, however many run and wait.
import { expect, test } from '../../test/support/rooms.ts'

test('jobs among thousands that run are told to be active, and those that wait behind them to wait', async ({
  kernel,
  bull,
}) => {
  const key = (suffix: string): string => `${kernel.bullPrefix}:busy:${suffix}`
  const ids = ['first', 'last', 'locked', 'stalled', 'waits', 'nowhere']
  for (const id of ids) await kernel.redis.hset(key(id), { timestamp: 1, name: 'x', data: '{}' })
  const many = (name: string): string[] => Array.from({ length: 1_500 }, (_, n) => `${name}-${n}`)
  await kernel.redis.rpush(key('active'), 'first', ...many('a'), 'locked', 'stalled', ...many('b'), 'last')
  await kernel.redis.set(key('locked:lock'), 'token')
  await kernel.redis.rpush(key('wait'), 'waits')
  const at = (...asked: string[]) => bull.stateOf(asked.map((id) => ({ queue: 'busy', id })))
  expect(await at('first', 'last', 'locked', 'stalled', 'waits')).toEqual([...Array.from({ length: 4 }, () => 'active'), 'waiting']) // prettier-ignore
  expect(await at('nowhere')).toEqual(['unknown'])
  await kernel.redis.del(key('active'))
  expect(await at('waits', 'nowhere')).toEqual(['waiting', 'unknown'])
})
