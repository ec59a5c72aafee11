// Asking for many keys costs next to nothing where they are not there, and finds each one that is.
import { existing } from './existing.ts'
import { expect, test } from '../../test/support/fixtures.ts'

const names = (kernel: { key: (...parts: string[]) => string }, count: number): string[] =>
  Array.from({ length: count }, (_, n) => kernel.key('test', String(n)))

test('finds those that are there, however they are spread', async ({ kernel }) => {
  const keys = names(kernel, 200)
  const there = [0, 13, 14, 100, 199].map((n) => keys[n] ?? '')
  for (const key of there) await kernel.redis.set(key, '1')
  expect(await existing(kernel.redis, keys)).toEqual(new Set(there))
})

test('one command says that none is there, or that all are', async ({ kernel }) => {
  const keys = names(kernel, 200)
  const commands: string[][] = []
  const redis = new Proxy(kernel.redis, {
    get: (target, name) =>
      name === 'exists'
        ? (...asked: string[]) => (commands.push(asked), target.exists(...asked))
        : (Reflect.get(target, name) as unknown),
  })
  expect(await existing(redis, keys)).toEqual(new Set())
  for (const key of keys) await kernel.redis.set(key, '1')
  expect(await existing(redis, keys)).toEqual(new Set(keys))
  expect(commands).toEqual([keys, keys])
})

test('asks nothing for no keys', async ({ kernel }) => {
  expect(await existing(kernel.redis, [])).toEqual(new Set())
})
