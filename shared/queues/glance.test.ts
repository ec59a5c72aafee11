// Watching queues costs what happens in them, and what is shown is still what is there.
import { cursorsKey } from '../metrics/progress.ts'
import { createGlance } from './glance.ts'
import { expect, test as base } from '../../test/support/rooms.ts'

interface Given {
  look: () => Promise<number[]>
  /** Queues that were counted by the looks so far, one list each. */
  counted: string[][]
}

const test = base.extend<Given>({
  counted: async ({}, use) => use([]),
  look: async ({ kernel, bull, counted }, use) => {
    const glance = createGlance(kernel, {
      ...bull,
      counts: (names) => {
        counted.push([...names])
        return bull.counts(names)
      },
    })
    await use(async () => {
      const { around } = await glance(['mail', 'reports'])
      return ['mail', 'reports'].map((name) => around.get(name)?.counts.delayed ?? -1)
    })
  },
})

test('a queue is counted again once its events moved, and its last count is told until then', async ({
  kernel,
  bull,
  look,
  counted,
}) => {
  expect(await look()).toEqual([0, 0])
  await bull.queue('mail').add('mail.send', {}, { delay: 60_000 })
  await kernel.redis.hset(cursorsKey(kernel), bull.keys('mail').events, '1-0')
  expect(await look()).toEqual([1, 0])
  expect(await look()).toEqual([1, 0])
  expect(counted).toEqual([['mail', 'reports'], ['mail'], []])
})

test('where jobs wait, every look counts: the first of them grows older without a word', async ({
  bull,
  look,
  counted,
}) => {
  await bull.queue('mail').add('mail.send', {})
  await look()
  await look()
  expect(counted).toEqual([['mail', 'reports'], ['mail']])
})

test('no count is believed for longer than a minute', async ({ bull, clock, look, counted }) => {
  expect(await look()).toEqual([0, 0])
  await bull.queue('mail').add('mail.send', {}, { delay: 600_000 })
  await clock.advance(59_000)
  expect(await look()).toEqual([0, 0])
  await clock.advance(1_000)
  expect(await look()).toEqual([1, 0])
  expect(counted.at(-1)).toEqual(['mail', 'reports'])
})
