// Work of one key is done in the order in which it was asked for, and never twice at once; that of others is not held up.
import { expect, test } from 'vitest'
import { createOneByOne } from './one-by-one.ts'

test('work of one key begins when that before it has ended, also when it failed', async () => {
  const oneByOne = createOneByOne()
  const steps: string[] = []
  const first = Promise.withResolvers<undefined>()
  const work = (name: string, until?: Promise<undefined>) => async () => {
    steps.push(`${name} begins`)
    await until
    steps.push(`${name} ends`)
    return name
  }
  const one = oneByOne('a', work('one', first.promise))
  const two = oneByOne('a', () => Promise.reject(new Error('two')))
  const three = oneByOne('a', work('three'))
  expect(await oneByOne('b', work('other'))).toBe('other')
  expect(steps).toEqual(['one begins', 'other begins', 'other ends'])
  first.resolve(undefined)
  await expect(two).rejects.toThrow('two')
  expect([await one, await three]).toEqual(['one', 'three'])
  expect(steps.slice(3)).toEqual(['one ends', 'three begins', 'three ends'])
})
