// The log of facts: each has a position of its own and is read once, also where several share an entry.
import { describe, expect, person, test } from '../../test/support/rooms.ts'
import type { Scope } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog, eventLogKey, factHead, isFull } from './log.ts'
import { readMissed, resumeAt } from './read.ts'
import { createTail, toTailEntry } from './tail.ts'
import type { TailEntry } from './tail.ts'
import { interestOf } from './topics.ts'

/** An entry that holds so many facts, numbered from `first` on. */
const entryOf = async (kernel: Kernel, first: number, count: number) => {
  const fields = Array.from({ length: count }, (_, n) => ['queue.drained@5', JSON.stringify({ n: first + n })]).flat()
  return String(await kernel.redis.xadd(eventLogKey(kernel), '*', ...fields))
}
const numbers = (entries: readonly { data: string }[]): number[] =>
  entries.map(({ data }) => (JSON.parse(data) as { n: number }).n)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

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

  test('are read less often while nobody listens, and at once when somebody begins to', async ({ kernel }) => {
    let reads = 0
    const connect: Kernel['connect'] = (...how) => {
      const redis = kernel.connect(...how)
      const send = redis.sendCommand.bind(redis)
      redis.sendCommand = (command, ...rest) => {
        if (command.name === 'xread') reads++
        return send(command, ...rest)
      }
      return redis
    }
    const tail = createTail({ ...kernel, connect })
    await tail.start()
    await expect.poll(() => tail.last).toBe('0-0')
    const before = reads
    for (let first = 0; first < 200; first++) await entryOf(kernel, first, 1)
    await expect.poll(() => tail.since('0-0')?.length).toBe(200)
    const unheard = reads - before
    const heard: number[] = []
    tail.listen((entries) => heard.push(...numbers(entries)))
    for (let n = 200; n < 400; n++) {
      await entryOf(kernel, n, 1)
      while (heard.at(-1) !== n) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(numbers(tail.since('0-0') ?? [])).toEqual(range(0, 400))
    // It would have been one for each fact, or hardly less.
    expect(unheard).toBeLessThan((reads - before - unheard) / 4)
    await tail.stop()
  })

  test('that nobody heard of are not all worked out for one who asks for the past: the log is read by pages', async ({
    kernel,
  }) => {
    const tail = createTail(kernel)
    await tail.start()
    await expect.poll(() => tail.last).toBe('0-0')
    const ids: string[] = []
    for (let first = 0; first < 1_250; first += 25) ids.push(await entryOf(kernel, first, 25))
    await expect.poll(() => tail.last).toBe(`${ids.at(-1)}.024`)
    expect(tail.since('0-0')).toBeUndefined()
    expect((await readMissed(kernel, tail, '0-0', 500)).complete).toBe(false)
    expect(numbers(tail.since(`${ids[19]}.024`) ?? [])).toEqual(range(500, 1_250))
    // What was worked out once is at hand.
    expect(numbers(tail.since('0-0') ?? [])).toEqual(range(0, 1_250))
    await tail.stop()
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

describe('what came from outside', () => {
  test('is told apart from facts of k1n, with its own id, its hop and what it is about', async ({ kernel }) => {
    const log = createEventLog(kernel)
    const sent = { id: 'order-7', hop: 2, source: null, subject: 'Größe @ Köln' }
    await kernel.redis.xadd(eventLogKey(kernel), '*', factHead('order.placed', 7, sent), '{"queue":"mail"}')
    const [fact] = await log.readAfter('0-0', 10)
    expect(fact).toMatchObject({ name: 'order.placed', at: 7, sent })
    expect(await log.find(fact?.id ?? '')).toEqual(fact)
    expect(fact && toTailEntry(fact)).toMatchObject({ live: 'event:order.placed' })
    expect(fact && toTailEntry({ ...fact, sent: undefined } as never)).toBeUndefined()
  })

  test('is heard by who may read events, whatever queue its data names, and not by who asks for queues', () => {
    const entry = {
      live: 'event:a',
      value: { queue: 'secret' },
      sent: { id: 'e', hop: 0, source: null, subject: null },
    }
    const hears = (scopes: Scope[], queues?: string[]) =>
      interestOf(person({ scopes, queues: ['mail'] }), { topics: ['event:*'], queues })(entry as unknown as TailEntry)
    expect(hears(['stream:read', 'events:read'])).toBe(true)
    expect(hears(['stream:read'])).toBe(false)
    expect(hears(['events:read'], ['secret'])).toBe(false)
  })

  test('comes through sources that those only hear of who may read events', () => {
    const entry = { name: 'event_source.changed', live: 'event-source:changed', value: { source_id: 'src_1' } }
    const hears = (scopes: Scope[]) =>
      interestOf(person({ scopes }), { topics: ['*:*'] })(entry as unknown as TailEntry)
    expect([hears(['stream:read', 'events:read']), hears(['stream:read'])]).toEqual([true, false])
  })

  test('are told a few hundred at a time, with room to write to connections between', async ({ kernel }) => {
    const tail = createTail(kernel)
    const batches: number[] = []
    let turns = 0
    const all = new Promise<void>((resolve) => {
      tail.listen((entries) => {
        // The loop has turned since the batch before.
        expect(turns).toBe(batches.length)
        setImmediate(() => turns++)
        batches.push(entries.length)
        if (batches.reduce((sum, many) => sum + many, 0) === 2_000) resolve()
      })
    })
    await tail.start()
    await expect.poll(() => tail.last).toBe('0-0')
    const burst = kernel.redis.multi()
    const fields = Array.from({ length: 20 }, (_, n) => [`queue.drained@${n}`, '{"queue":"mail"}']).flat()
    for (let entry = 0; entry < 100; entry++) burst.xadd(eventLogKey(kernel), '*', ...fields)
    await burst.exec()
    await all
    await tail.stop()
    expect(Math.max(...batches)).toBeLessThan(300)
  })

  test('of which the newest are lost are missed by nobody who goes on from the midst of an entry', async ({
    kernel,
  }) => {
    const tail = createTail(kernel)
    await entryOf(kernel, 0, 3)
    const [[kept, facts] = ['', []]] = await kernel.redis.xrange(eventLogKey(kernel), '-', '+')
    await entryOf(kernel, 3, 2)
    await tail.start()
    await expect.poll(() => tail.last).toMatch(/\.001$/)
    const back = kernel.redis.multi().del(eventLogKey(kernel))
    await back.xadd(eventLogKey(kernel), kept, ...facts).exec()
    // Noticed when the read that waits ends by itself.
    await expect.poll(() => tail.last).toBe(`${kept}.002`)
    await entryOf(kernel, 5, 1)
    await expect.poll(() => tail.since(`${kept}.002`)?.length).toBe(1)
    expect(numbers((await readMissed(kernel, tail, kept)).entries)).toEqual([1, 2, 5])
    await tail.stop()
  })

  test('does not fill the memory of who listens: by size the oldest leave too', async ({ kernel }) => {
    const tail = createTail(kernel)
    await tail.start()
    await expect.poll(() => tail.last).toBe('0-0')
    const large = JSON.stringify({ text: 'x'.repeat(9_000_000) })
    const ids: string[] = []
    for (let n = 0; n < 5; n++)
      ids.push(String(await kernel.redis.xadd(eventLogKey(kernel), '*', 'queue.drained@5', large)))
    await expect.poll(() => tail.last).toBe(ids.at(-1))
    expect(tail.since('0-0')).toBeUndefined()
    expect(tail.since(ids[1] ?? '')?.map(({ id }) => id)).toEqual(ids.slice(2))
    await tail.stop()
  })
})

test('a read of large facts ends early and says that there may be more', async ({ kernel }) => {
  const log = createEventLog(kernel)
  const large = JSON.stringify({ text: 'x'.repeat(1_000_000) })
  for (let n = 0; n < 20; n++) await kernel.redis.xadd(eventLogKey(kernel), '*', 'queue.drained@5', large)
  const facts = await log.readAfter('0-0', 100)
  expect(facts).toHaveLength(17)
  expect(isFull(facts, 100)).toBe(true)
  const rest = await log.readAfter(facts.at(-1)?.id ?? '', 100)
  expect([rest.length, isFull(rest, 100)]).toEqual([3, false])
})

test('the log is read backwards too, in pages, down to a floor', async ({ kernel }) => {
  const log = createEventLog(kernel)
  const ids = [await entryOf(kernel, 0, 3), await entryOf(kernel, 3, 1), await entryOf(kernel, 4, 2)]
  const first = await log.readBefore(undefined, 4)
  expect(numbers(first)).toEqual([5, 4, 3, 2])
  expect(numbers(await log.readBefore(first.at(-1)?.id, 4))).toEqual([1, 0])
  expect(numbers(await log.readBefore(undefined, 10, ids[1]))).toEqual([5, 4, 3])
})
