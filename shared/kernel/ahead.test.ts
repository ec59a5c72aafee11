// What is worked on ahead comes in order, fails in its turn, and ends when nobody wants more.
import { expect, test } from 'vitest'
import { ahead } from './ahead.ts'

async function* count(said: string[]): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= 5; n++) {
      said.push(`made ${n}`)
      yield await Promise.resolve(n)
    }
  } finally {
    said.push('ended')
  }
}

test('the next are worked on while one is taken, and all come in their order', async () => {
  const said: string[] = []
  const releases: (() => void)[] = []
  const work = (n: number): Promise<number> => {
    said.push(`begun ${n}`)
    // Odd ones take until the one after them has begun.
    return n % 2 === 0 ? Promise.resolve(n).finally(() => releases.pop()?.()) : n === 5 ? Promise.resolve(n) : slow(n)
  }
  const slow = (n: number): Promise<number> => new Promise((resolve) => releases.push(() => resolve(n)))
  expect(await Array.fromAsync(ahead(count(said), work))).toEqual([1, 2, 3, 4, 5])
  expect(said.filter((word) => word.startsWith('begun'))).toEqual([1, 2, 3, 4, 5].map((n) => `begun ${n}`))
})

test('who stops early lets the series end', async () => {
  const said: string[] = []
  for await (const n of ahead(count(said), (n) => n)) if (n === 2) break
  expect(said.at(-1)).toBe('ended')
  expect(said).not.toContain('made 5')
})

test('a failure comes in its turn', async () => {
  const taken: number[] = []
  const all = async (): Promise<void> => {
    for await (const n of ahead(count([]), (n) => (n === 3 ? Promise.reject(new Error('no third')) : n))) taken.push(n)
  }
  await expect(all()).rejects.toThrow('no third')
  expect(taken).toEqual([1, 2])
})
