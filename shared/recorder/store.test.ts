// A step along a stream happens once, from where the stream was left, whatever becomes of Redis's answers and memory.
import { createEventLog } from '../stream/log.ts'
import { GapFound } from '../stream/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { PROMPT_MS, joinSpans, lateSpansKey, spansKey } from '../timeline/spans.ts'
import { createOps } from './ops.ts'
import type { Ops } from './ops.ts'
import { WentBack, createRecorderStore } from './store.ts'
import type { RecorderStore } from './store.ts'

const test = base.extend<{ store: RecorderStore }>({
  store: async ({ kernel }, use) => {
    const store = createRecorderStore(kernel, 10_000)
    await store.acquire()
    await store.apply(telling('q0'), { stream: 's', from: undefined, to: '1-0' })
    await use(store)
  },
})

const telling = (queue: string): Ops => {
  const ops = createOps()
  ops.fact(GapFound, 1, { queue, from: '0-0', to: '1-0', recovered: 0 })
  return ops
}
const told = async (kernel: Kernel) =>
  (await createEventLog(kernel).readAfter('0-0', 100)).map(({ data }) => (JSON.parse(data) as { queue: string }).queue)

/** From now on every call of a script is sent twice, as by a client whose connection was reset before the answer came. */
const resend = ({ redis }: Kernel): void => {
  const send = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>
  const twice = (...args: unknown[]): Promise<unknown> => send(...args).then(() => send(...args))
  redis.evalsha = twice
}

describe('a step along a stream', () => {
  test('counts once although it is sent twice', async ({ kernel, store }) => {
    resend(kernel)
    await store.apply(telling('q1'), { stream: 's', from: '1-0', to: '2-0' })
    expect(await told(kernel)).toEqual(['q0', 'q1'])
  })

  test('that stays where it is counts once although it is sent twice', async ({ kernel, store }) => {
    resend(kernel)
    await store.apply(telling('q1'), { stream: 's', from: '1-0', to: '1-0' })
    await store.apply(telling('q2'), { stream: 's', from: '1-0', to: '1-0' })
    expect(await told(kernel)).toEqual(['q0', 'q1', 'q2'])
  })

  test('from where Redis no longer is does not happen', async ({ kernel, store }) => {
    await store.apply(telling('q1'), { stream: 's', from: '1-0', to: '2-0' })
    await kernel.redis.hset(kernel.key('recorder', 'cursors'), 's', '1-0')
    const step = store.apply(telling('q2'), { stream: 's', from: '2-0', to: '3-0' })
    await expect(step).rejects.toBeInstanceOf(WentBack)
    expect(await told(kernel)).toEqual(['q0', 'q1'])
    expect(await store.cursors()).toEqual(new Map([['s', '1-0']]))
  })
})

describe('a step made for a Redis that has ended', () => {
  test('does not happen in the one that runs now', async ({ kernel, store }) => {
    const info = kernel.redis.info.bind(kernel.redis)
    kernel.redis.info = () => Promise.resolve('run_id:0000000000000000000000000000000000000000')
    await store.cursors()
    const step = () => store.apply(telling('q1'), { stream: 's', from: '1-0', to: '2-0' })
    await expect(step()).rejects.toBeInstanceOf(WentBack)
    kernel.redis.info = info
    await store.cursors()
    await step()
    expect(await told(kernel)).toEqual(['q0', 'q1'])
  })
})

describe('cursors', () => {
  test('that Redis is at or beyond are right', async ({ store }) => {
    await store.verify(new Map([['s', '1-0']]))
    await store.verify(new Map([['s', '0-5']]))
    await store.verify(new Map())
  })

  test('that Redis no longer has are noticed', async ({ kernel, store }) => {
    await expect(store.verify(new Map([['s', '1-1']]))).rejects.toBeInstanceOf(WentBack)
    await kernel.redis.del(kernel.key('recorder', 'cursors'))
    await expect(store.verify(new Map([['s', '1-0']]))).rejects.toBeInstanceOf(WentBack)
  })
})

test('facts of a page share entries of the log and stay in order, with those that were told once between them', async ({
  kernel,
  store,
}) => {
  const ops = createOps()
  const tell = (queue: string): void => ops.fact(GapFound, 1, { queue, from: '0-0', to: '1-0', recovered: 0 })
  const many = Array.from({ length: 60 }, (_, n) => `many-${n}`)
  many.forEach(tell)
  ops.once(kernel.key('once'), 'field', 'value', () => tell('guarded'))
  tell('x'.repeat(100_000))
  tell('last')
  await store.apply(ops, { stream: 's', from: '1-0', to: '2-0' })
  expect(await told(kernel)).toEqual(['q0', ...many, 'guarded', 'x'.repeat(100_000), 'last'])
  // What the fixture told, three of the many, one each for what was guarded, for what is large, and for the last.
  expect(await kernel.redis.xlen(kernel.key('events'))).toBeLessThan(12)
})

test('spans go with those that began lately only while they did themselves, by the clock of Redis', async ({
  kernel,
  store,
}) => {
  const ops = createOps()
  const streams = (queue: string) => ({ prompt: spansKey(kernel, queue), late: lateSpansKey(kernel, queue) })
  ops.span(streams('a'), Date.now() - PROMPT_MS / 2, 'soon')
  ops.span(streams('b'), Date.now() - PROMPT_MS - 1_000, 'long')
  ops.span(streams('b'), Date.now(), 'with it')
  await store.apply(ops, { stream: 's', from: '1-0', to: '2-0' })
  const kept = async (key: string) => (await kernel.redis.xrange(key, '-', '+')).map(([, [, text]]) => text)
  expect(await kept(spansKey(kernel, 'a'))).toEqual(['soon'])
  expect(await kept(lateSpansKey(kernel, 'a'))).toEqual([])
  expect(await kept(spansKey(kernel, 'b'))).toEqual([])
  expect(await kept(lateSpansKey(kernel, 'b'))).toEqual([joinSpans(['long', 'with it'])])
})
