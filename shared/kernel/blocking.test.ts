// Nobody waits for an answer of a connection that was given up, whatever state it was in.
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { openBlocking } from './blocking.ts'
import type { BlockingConnection } from './blocking.ts'

const test = base.extend<{ open: () => { connection: BlockingConnection; redis: Redis } }>({
  open: async ({ kernel }, use) =>
    use(() => {
      const redis = kernel.connect('worker')
      return { redis, connection: openBlocking({ ...kernel, connect: () => redis }, 'test') }
    }),
})
const forEver = (redis: Redis) => redis.xread('BLOCK', 0, 'STREAMS', 'nothing', '$')

test('a command is answered, and refused as Redis refuses it', async ({ open }) => {
  const { connection } = open()
  expect(await connection.ask((redis) => redis.echo('hello'))).toBe('hello')
  await expect(connection.ask((redis) => redis.call('NONSENSE'))).rejects.toThrow('unknown command')
  connection.close()
})

test.for([
  ['while it waits', async () => undefined],
  [
    'while the connection is on its way back',
    async (redis: Redis) => {
      const away = once(redis, 'reconnecting')
      redis.disconnect(true)
      await away
    },
  ],
] as const)('a command is let go %s', async ([, interfere], { open }) => {
  const { connection, redis } = open()
  await connection.ask((own) => own.ping())
  const asked = connection.ask(forEver)
  await interfere(redis)
  connection.close()
  expect(await asked).toBeUndefined()
  expect(await connection.ask((own) => own.ping())).toBeUndefined()
})
