// What is counted is given its end: once while all goes well, and again until it surely has it.
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import type { Attempt } from '../attempts/contract.ts'
import { historyKey } from '../attempts/history-key.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createOps } from './ops.ts'
import { createRecorderStore } from './store.ts'
import { createWriter } from './writes.ts'
import type { Writes } from './writes.ts'

type Collect = (writes: Writes) => void

interface Recording {
  /** Applies what is collected as one page. */
  apply(collect: Collect): Promise<void>
  /** The same where another has gone on meanwhile. */
  applyLate(collect: Collect): Promise<void>
}

const test = base.extend<{ recording: Recording }>({
  recording: async ({ kernel }, use) => {
    const store = createRecorderStore(kernel, 10_000)
    const writer = createWriter(kernel)
    await store.acquire()
    const applyFrom = (from: string) => async (collect: Collect) => {
      const ops = createOps()
      collect(writer(ops))
      await store.apply(ops, { stream: 's', from, to: '' })
    }
    await use({ apply: applyFrom(''), applyLate: applyFrom('1-0') })
  },
})

/** Counts a retry, which goes into hashes of every kind. */
const counting =
  ({ clock }: Kernel): Collect =>
  (writes) => {
    writes.count('mail', 'retried', clock.now())
    writes.retries('mail', clock.now(), { 'b.fixed': 1 })
  }

const attempt: Attempt = {
  ...{ attempt: 1, started_at: null, finished_at: null, duration_ms: null, outcome: 'retrying', delay_ms: 5 },
  ...{ worker_id: null, inferred: true },
}

/** Seconds that each hash of counts is kept; -1 for always. */
const agesOf = async (kernel: Kernel): Promise<number[]> =>
  Promise.all((await kernel.redis.keys(kernel.key('metrics', '*'))).map((key) => kernel.redis.ttl(key)))

const expectEnds = async (kernel: Kernel): Promise<void> => {
  const ages = await agesOf(kernel)
  expect(ages.length).toBeGreaterThan(4)
  expect(ages.filter((age) => age <= 0)).toEqual([])
}

describe('a hash of counts', () => {
  test('has its end although the page that would have given it was refused', async ({ kernel, recording }) => {
    await expect(recording.applyLate(counting(kernel))).rejects.toThrow()
    await recording.apply(counting(kernel))
    await expectEnds(kernel)
  })

  test('has its end although there was nothing to count when it was first spoken of', async ({ kernel, recording }) => {
    await kernel.redis.hset(historyKey(kernel, 'mail:a'), '1', 'told before')
    await recording.apply((writes) => writes.attempt('mail:a', '1', attempt, () => counting(kernel)(writes)))
    expect(await agesOf(kernel)).toEqual([])
    await recording.apply(counting(kernel))
    await expectEnds(kernel)
  })

  test('has its end although the page was sent twice', async ({ kernel, recording }) => {
    const send = kernel.redis.evalsha.bind(kernel.redis) as (...args: unknown[]) => Promise<unknown>
    await recording.apply(() => undefined)
    kernel.redis.evalsha = (...args: unknown[]): Promise<unknown> => send(...args).then(() => send(...args))
    await kernel.redis.hset(historyKey(kernel, 'mail:a'), '1', 'told before')
    await recording.apply((writes) => writes.attempt('mail:a', '1', attempt, () => counting(kernel)(writes)))
    await recording.apply(counting(kernel))
    await expectEnds(kernel)
  })

  test('is given its end once', async ({ kernel, recording }) => {
    await recording.apply(counting(kernel))
    for (const key of await kernel.redis.keys(kernel.key('metrics', '*'))) await kernel.redis.persist(key)
    await recording.apply(counting(kernel))
    expect(new Set(await agesOf(kernel))).toEqual(new Set([-1]))
  })
})
