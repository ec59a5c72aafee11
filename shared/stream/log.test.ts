// The log of facts: each has a position of its own and is read once, also where several share an entry.
import { describe, expect, test } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog, eventLogKey } from './log.ts'
import { readMissed, resumeAt } from './read.ts'
import { createTail } from './tail.ts'

/** An entry that holds so many facts, numbered from `first` on. */
const entryOf = async (kernel: Kernel, first: number, count: number) => {
  const fields = Array.from({ length: count }, (_, n) => ['queue.drained@5', JSON.stringify({ n: first + n })]).flat()
  return String(await kernel.redis.xadd(eventLogKey(kernel), '*', ...fields))
}
const numbers = (entries: readonly { data: string }[]): number[] =>
  entries.map(({ data }) => (JSON.parse(data) as { n: number }).n)

describe('facts that share an entry', () => {
  test('are read in order, each at a position after the one before', async ({ kernel }) => {
    const log = createEventLog(kernel)
    const id = await entryOf(kernel, 0, 3)
    const next = await entryOf(kernel, 3, 1)
    const facts = await log.readAfter('0-0', 10)
    expect(facts.map((fact) => fact.id)).toEqual([id, `${id}.001`, `${id}.002`, next])
    expect(numbers(facts)).toEqual([0, 1, 2, 3])
    expect(facts[1]).toMatchObject({ name: 'queue.drained', at: 5 })
  })

  test('are read on from any of them, and in pages that end between them', async ({ kernel }) => {
    const log = createEventLog(kernel)
    for (let first = 0; first < 60; first += 4) await entryOf(kernel, first, 4)
    const read: number[] = []
    for (let cursor = '0-0'; read.length < 60;) {
      const page = await log.readAfter(cursor, 7)
      expect(page.length).toBeGreaterThan(0)
      expect(page.length).toBeLessThanOrEqual(7)
      read.push(...numbers(page))
      cursor = page.at(-1)?.id ?? ''
    }
    expect(read).toEqual(Array.from({ length: 60 }, (_, n) => n))
    expect(await log.readAfter(await log.last(), 10)).toEqual([])
  })

  test('are told to who listens, and missed by nobody who goes on from one of them', async ({ kernel }) => {
    const log = createEventLog(kernel)
    const before = await entryOf(kernel, 0, 3)
    const tail = createTail(kernel)
    const heard: number[] = []
    const told = new Promise<void>((resolve) => {
      tail.listen((entries) => {
        heard.push(...numbers(entries))
        if (heard.length >= 6) resolve()
      })
    })
    await tail.start()
    await expect.poll(() => tail.last).toBe(`${before}.002`)
    const id = await entryOf(kernel, 3, 5)
    await entryOf(kernel, 8, 1)
    await told
    await tail.stop()
    expect(heard).toEqual([3, 4, 5, 6, 7, 8])
    expect(numbers((await readMissed(kernel, tail, `${id}.002`)).entries)).toEqual([6, 7, 8])
    expect(numbers((await readMissed(kernel, tail, `${before}.001`)).entries)).toEqual([2, 3, 4, 5, 6, 7, 8])
    expect(await log.first()).toBe(before)
  })

  test('are no gap to who has heard some of the oldest', async ({ kernel }) => {
    const log = createEventLog(kernel)
    await entryOf(kernel, 0, 2)
    const id = await entryOf(kernel, 2, 3)
    await kernel.redis.xtrim(eventLogKey(kernel), 'MAXLEN', 1)
    expect(await resumeAt(kernel, `${id}.001`)).toEqual({ from: `${id}.001` })
    expect(await resumeAt(kernel, await log.last())).toEqual({ from: `${id}.002` })
    expect(await resumeAt(kernel, '5-0')).toEqual({ from: '5-0', gap: id })
  })
})
