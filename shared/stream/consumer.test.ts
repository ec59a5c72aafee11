// Durable consumers: every fact at least once, by one process at a time, and never a silent hole.
import { describe, expect, test } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createConsumer } from './consumer.ts'
import type { Consumer, ConsumerOptions } from './consumer.ts'
import { PAGE_CHARS, charsOf, createEventLog, eventLogKey } from './log.ts'
import type { LogEntry } from './log.ts'
import { PlaceLost, consumerPositions, createPlace, registerConsumer } from './positions.ts'

const tell = async (kernel: Kernel, ...numbers: number[]): Promise<void> => {
  for (const n of numbers) await kernel.redis.xadd(eventLogKey(kernel), '*', 'queue.drained@5', JSON.stringify({ n }))
}
const numberOf = ({ data }: LogEntry): number => (JSON.parse(data) as { n: number }).n

/** A consumer that keeps what it hears. */
const listening = (
  kernel: Kernel,
  more: Partial<ConsumerOptions> = {},
): { consumer: Consumer; heard: number[]; hears: (count: number) => Promise<void> } => {
  const heard: number[] = []
  const waiting: { count: number; wake: () => void }[] = []
  const handle = async (page: readonly LogEntry[]): Promise<void> => {
    heard.push(...page.map(numberOf))
    for (const { count, wake } of waiting) if (heard.length >= count) wake()
    await Promise.resolve()
  }
  const hears = (count: number): Promise<void> =>
    new Promise((wake) => (heard.length >= count ? wake() : waiting.push({ count, wake })))
  return { consumer: createConsumer(kernel, { name: 'test', paceMs: 0, handle, ...more }), heard, hears }
}

describe('a consumer', () => {
  test('begins at the end of the log and reads every fact once, whoever reads for it', async ({ kernel }) => {
    await tell(kernel, 1, 2)
    const first = listening(kernel)
    expect(await first.consumer.catchUp()).toBe(0)
    await tell(kernel, 3, 4)
    await first.consumer.catchUp()
    await tell(kernel, 5)
    const second = listening(kernel)
    expect(await second.consumer.catchUp()).toBe(1)
    expect([first.heard, second.heard]).toEqual([[3, 4], [5]])
  })

  test('that is registered misses nothing, though nobody reads for it yet', async ({ kernel }) => {
    await registerConsumer(kernel, 'test')
    await tell(kernel, 1)
    const { consumer, heard } = listening(kernel)
    await consumer.catchUp()
    expect(heard).toEqual([1])
  })

  test('is woken by a fact and does not wait for its next look', async ({ kernel }) => {
    const { consumer, heard, hears } = listening(kernel, { blockMs: 60_000 })
    await consumer.catchUp()
    await consumer.start()
    await tell(kernel, 1)
    await hears(1)
    await tell(kernel, 2)
    await hears(2)
    await consumer.stop()
    expect(heard).toEqual([1, 2])
  })

  test('holds four million characters at once, however large the facts are', async ({ kernel }) => {
    const pages: number[] = []
    const { consumer, heard } = listening(kernel, {
      handle: async (page) => {
        pages.push(charsOf(page))
        heard.push(...page.map(numberOf))
        await Promise.resolve()
      },
    })
    await consumer.catchUp()
    const large = (n: number, length: number) =>
      kernel.redis.xadd(eventLogKey(kernel), '*', 'queue.drained@5', JSON.stringify({ n, text: 'x'.repeat(length) }))
    for (const [n, length] of [2e6, 2e6, 2e6, 10, 5e6, 10, 2e6, 2e6, 2e6].entries()) await large(n, length)
    await consumer.catchUp()
    expect(heard).toEqual(Array.from({ length: 9 }, (_, n) => n))
    expect(pages.filter((chars) => chars > PAGE_CHARS)).toEqual([5e6 + 17])
  })

  test('hears facts again that could not be handled', async ({ kernel, clock, logged }) => {
    let failures = 2
    const heard: number[] = []
    const consumer = createConsumer(kernel, {
      name: 'test',
      handle: async (page) => {
        if (failures-- > 0) throw new Error('no room')
        heard.push(...page.map(numberOf))
        await Promise.resolve()
      },
    })
    await consumer.catchUp()
    await tell(kernel, 7, 8)
    await consumer.start()
    await expect.poll(async () => (await clock.advance(1_000), heard)).toEqual([7, 8])
    await consumer.stop()
    expect(logged.filter(({ consumer: name }) => name === 'test')).toHaveLength(2)
  })

  test('is read for by one process at a time, and by another when that ends', async ({ kernel, clock }) => {
    const [one, other] = [listening(kernel), listening(kernel)]
    await one.consumer.catchUp()
    await one.consumer.start()
    await tell(kernel, 1)
    await one.hears(1)
    await other.consumer.start()
    await tell(kernel, 2)
    await one.hears(2)
    await one.consumer.stop()
    await tell(kernel, 3)
    await expect.poll(async () => (await clock.advance(1_000), other.heard)).toEqual([3])
    await other.consumer.stop()
    expect(one.heard).toEqual([1, 2])
  })
})

describe('a position', () => {
  test('is not moved by who lost the lease, nor from where it is not', async ({ kernel }) => {
    await tell(kernel, 1)
    const at = await registerConsumer(kernel, 'test')
    const [stale, holder] = [createPlace(kernel, 'test', 5_000), createPlace(kernel, 'test', 5_000)]
    await holder.acquire()
    expect(await stale.acquire()).toBe(false)
    await expect(stale.move(at, '9-0')).rejects.toThrow(PlaceLost)
    await expect(holder.move('5-0', '9-0')).rejects.toThrow(PlaceLost)
    expect((await consumerPositions(kernel)).get('test')).toBe(at)
    await holder.move(at, '9-0')
    await holder.move(at, '9-0')
    expect((await consumerPositions(kernel)).get('test')).toBe('9-0')
  })
})

describe('facts that were removed before they were read', () => {
  test('are told of, once, to the consumer and in the log', async ({ kernel, logged }) => {
    await tell(kernel, 1)
    const gaps: string[][] = []
    const { consumer, heard } = listening(kernel, {
      handle: async (page) => {
        heard.push(...page.filter(({ name }) => name === 'queue.drained').map(numberOf))
        await Promise.resolve()
      },
      onGap: async (from, to) => {
        gaps.push([from, to])
        await Promise.resolve()
      },
    })
    await consumer.catchUp()
    const from = await createEventLog(kernel).last()
    await tell(kernel, 2, 3, 4)
    await kernel.redis.xtrim(eventLogKey(kernel), 'MAXLEN', 1)
    const to = await createEventLog(kernel).last()
    await consumer.catchUp()
    expect(heard).toEqual([4])
    expect(gaps).toEqual([[from, to]])
    const told = (await createEventLog(kernel).readAfter('0-0', 10)).filter(
      ({ name }) => name === 'system.consumer_gap',
    )
    expect(told.map(({ data }) => JSON.parse(data) as unknown)).toEqual([{ consumer: 'test', from, to }])
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', consumer: 'test' }))
  })

  test('are none for a consumer that began before there was a log', async ({ kernel }) => {
    const { consumer, heard } = listening(kernel)
    await consumer.catchUp()
    await tell(kernel, 1)
    await consumer.catchUp()
    expect(heard).toEqual([1])
    expect((await createEventLog(kernel).readAfter('0-0', 10)).map(({ name }) => name)).toEqual(['queue.drained'])
  })
})
