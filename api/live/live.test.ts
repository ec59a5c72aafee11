// What a listener may rely on: each fact once and in order whatever happens between, gaps told, states counted.
import type { Principal } from '../../shared/auth/contract.ts'
import { JobAdded } from '../../shared/jobs/events.ts'
import { fact } from '../../shared/kernel/event.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import { createTail, toTailEntry } from '../../shared/stream/tail.ts'
import type { Tail, TailEntry } from '../../shared/stream/tail.ts'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { vi } from 'vitest'
import { createFeeds } from './feeds.ts'
import { createTopics } from './state.ts'
import type { Rows, Source } from './state.ts'
import { poll } from './sse.ts'
import { subscribe } from './subscription.ts'
import type { Live, Outlet } from './subscription.ts'

const everyone: Principal = { kind: 'key', id: 'k', name: 'k', scopes: ['stream:read'], queues: ['*'] }
const onlyMail: Principal = { ...everyone, id: 'm', queues: ['mail'] }

interface Heard extends Outlet {
  frames: Record<string, unknown>[]
  /** The frames once `enough` holds for them. */
  until(enough: (frames: Record<string, unknown>[]) => boolean): Promise<Record<string, unknown>[]>
}
const listener = (slow = false): Heard => {
  const frames: Record<string, unknown>[] = []
  let look = (): void => undefined
  const take = (text: string): void => {
    frames.push(...(JSON.parse(`[${text}]`) as Record<string, unknown>[]))
    look()
  }
  return {
    frames,
    slow,
    send: take,
    batch: take,
    facts: (_sub, text) => take(text),
    hasLeftOut: () => false,
    setCatchingUp: () => undefined,
    onReady: () => () => undefined,
    until: (enough) =>
      new Promise((resolve) => {
        look = () => enough(frames) && resolve(frames)
        look()
      }),
  }
}

const added = (n: number, queue = 'mail') =>
  fact(JobAdded, 1_000 + n, { task_id: `${queue}:t_${n}`, queue, name: 'welcome', state: 'waiting' })
const append = (kernel: Kernel, ...numbers: number[]) => createEventLog(kernel).append(numbers.map((n) => added(n)))
const tasks = (frames: Record<string, unknown>[]) =>
  frames.map((frame) => (frame['data'] as { task_id: string }).task_id)
/** As another process has it. */
const another = (live: Live): Live => {
  const tail = createTail(live.kernel)
  return { ...live, tail, feeds: createFeeds(tail) }
}
/** A tail that tells nothing. */
const silent: Pick<Tail, 'listen'> = { listen: () => () => undefined }
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

const test = base.extend<{ tail: Tail; source: Source & { rows: Rows }; live: Live }>({
  tail: async ({ kernel }, use) => {
    const tail = createTail(kernel)
    await tail.start()
    while (tail.last === undefined) await new Promise((resolve) => setImmediate(resolve))
    await use(tail)
    await tail.stop()
  },
  source: async ({}, use) => {
    const rows: Rows = new Map([['mail', { waiting: 1 }]])
    await use({
      rows,
      load: async () => new Map(rows),
      take: (entry) => new Map([[String(entry.value['queue']), { last: entry.value['task_id'] }]]),
      restMs: 10,
      idleMs: 60_000,
    })
  },
  live: async ({ kernel, tail, source }, use) => {
    const topics = createTopics((_principal, name) => (name === 'state:queues' ? source : undefined), tail)
    await use({ kernel, tail, feeds: createFeeds(tail), topics })
    topics.stop()
  },
})

describe('facts', () => {
  test('that came while nobody listened are told from the cursor on, each once, before those that come', async ({
    kernel,
    live,
  }) => {
    const [first] = await append(kernel, ...range(0, 50))
    const heard = listener()
    const stop = subscribe(live, everyone, { id: 1, topics: ['job:*'], after: first, batch: true }, heard)
    await append(kernel, ...range(50, 100))
    const frames = await heard.until((all) => all.length >= 99)
    expect(tasks(frames)).toEqual(range(1, 100).map((n) => `mail:t_${n}`))
    stop()
  })

  test('go on without a hole where another process told the first half', async ({ kernel, live }) => {
    const first = listener()
    const stop = subscribe(live, everyone, { id: 1, topics: ['job:*'], batch: true }, first)
    await append(kernel, ...range(0, 20))
    await first.until((all) => all.length === 20)
    stop()
    await append(kernel, ...range(20, 40))
    const second = listener()
    const other = another(live)
    await other.tail.start()
    subscribe(
      other,
      everyone,
      { id: 1, topics: ['job:*'], after: first.frames[19]?.['id'] as string, batch: true },
      second,
    )
    await append(kernel, ...range(40, 60))
    expect(tasks(await second.until((all) => all.length >= 40))).toEqual(range(20, 60).map((n) => `mail:t_${n}`))
    await other.tail.stop()
  })

  test('of jobs that are named are told, and of no others', async ({ kernel, live }) => {
    const heard = listener()
    subscribe(live, everyone, { id: 1, topics: ['job:*'], tasks: ['mail:t_2', 'mail:t_4'], batch: true }, heard)
    await append(kernel, ...range(0, 5))
    expect(tasks(await heard.until((all) => all.length === 2))).toEqual(['mail:t_2', 'mail:t_4'])
  })

  test('of long ago end where some were left out, and what comes is told', async ({ kernel, live }) => {
    const [first] = await append(kernel, ...range(0, 3))
    const heard = { ...listener(), hasLeftOut: () => true }
    subscribe(another(live), everyone, { id: 1, topics: ['job:*'], after: first, batch: true }, heard)
    await heard.until((all) => all.length === 2)
  })

  test('are told each once to all who asked for the same, wherever each of them begins', async ({ kernel, live }) => {
    const ids = await append(kernel, ...range(0, 4))
    const ask = { id: 1, topics: ['job:*'], batch: true }
    const [now, all, one] = [listener(), listener(), listener()]
    subscribe(live, everyone, { ...ask, after: ids[0] }, all)
    subscribe(live, { ...everyone, id: 'other' }, { ...ask, after: ids[2] }, one)
    await one.until((frames) => frames.length === 1)
    const leave = subscribe(live, everyone, ask, now)
    await append(kernel, 4)
    await now.until((frames) => frames.length === 1)
    leave()
    await append(kernel, 5)
    expect(tasks(await all.until((frames) => frames.length === 5))).toEqual(range(1, 6).map((n) => `mail:t_${n}`))
    expect(tasks(one.frames)).toEqual(range(3, 6).map((n) => `mail:t_${n}`))
    expect(tasks(now.frames)).toEqual(['mail:t_4'])
  })

  test('a listener has heard of ahead of the tail are not told to it again, and to others beside it they are', ({
    tail,
  }) => {
    let tell = (_entries: readonly TailEntry[]): void => undefined
    const feeds = createFeeds({ ...tail, listen: (listener) => ((tell = listener), () => undefined) })
    const [ahead, beside] = [listener(), listener()]
    const ask = { id: 1, topics: ['job:*'], batch: true }
    feeds.join(everyone, ask, ahead, '1001-0')
    feeds.join(everyone, ask, beside, undefined)
    const entries = range(0, 4).map((n) => toTailEntry({ id: `100${n}-0`, name: 'job.added', at: 1, data: JSON.stringify(added(n).data) })) // prettier-ignore
    for (const entry of entries) if (entry) tell([entry])
    expect(tasks(ahead.frames)).toEqual(['mail:t_2', 'mail:t_3'])
    expect(tasks(beside.frames)).toEqual(range(0, 4).map((n) => `mail:t_${n}`))
  })

  test('of queues a key may not see are not told to it', async ({ kernel, live }) => {
    const heard = listener()
    subscribe(live, onlyMail, { id: 1, topics: ['job:*'], batch: true }, heard)
    await createEventLog(kernel).append([added(1, 'billing'), added(2), added(3, 'billing'), added(4)])
    expect(tasks(await heard.until((all) => all.length === 2))).toEqual(['mail:t_2', 'mail:t_4'])
  })

  test('that were removed before they were read are told as a gap, never as silence', async ({ kernel, live }) => {
    const [first] = await append(kernel, ...range(0, 30))
    await kernel.redis.xtrim(kernel.key('events'), 'MAXLEN', 5)
    const heard = listener()
    const other = another(live)
    await other.tail.start()
    subscribe(other, everyone, { id: 3, topics: ['job:*'], after: first, batch: true }, heard)
    const frames = await heard.until((all) => all.length === 6)
    expect(frames[0]).toMatchObject({ type: 'gap', sub: 3 })
    expect(tasks(frames.slice(1))).toEqual(range(25, 30).map((n) => `mail:t_${n}`))
    await other.tail.stop()
  })

  test('that are removed while the past is told are told as a gap', async ({ kernel, live }) => {
    const [first] = await append(kernel, ...range(0, 1_600))
    const other = another(live)
    await other.tail.start()
    const heard = listener()
    // The log is cut between two pages of the past.
    const stop = subscribe(
      other,
      everyone,
      { id: 3, topics: ['job:*'], after: first, batch: true },
      {
        ...heard,
        facts: (sub, items) => {
          heard.facts(sub, items)
          if (heard.frames.length === 500) void kernel.redis.xtrim(kernel.key('events'), 'MAXLEN', 5)
        },
      },
    )
    const frames = await heard.until((all) => all.length === 506)
    expect(tasks(frames.slice(0, 500))).toEqual(range(1, 501).map((n) => `mail:t_${n}`))
    expect(frames[500]).toMatchObject({ type: 'gap', sub: 3 })
    expect(tasks(frames.slice(501))).toEqual(range(1_595, 1_600).map((n) => `mail:t_${n}`))
    stop()
    await other.tail.stop()
  })

  test('that are removed before the tail has read them are told as a gap to all who listen', async ({
    kernel,
    live,
  }) => {
    const [id] = await append(kernel, 0)
    await expect.poll(() => live.tail.last).toBe(id)
    const [one, other] = [listener(), listener()]
    subscribe(live, everyone, { id: 3, topics: ['job:*'], batch: true }, one)
    subscribe(live, onlyMail, { id: 4, topics: ['job:*'], batch: false }, other)
    await append(kernel, 1)
    await one.until((frames) => frames.length === 1)
    // In one step, as to a process that lags behind.
    const log = kernel.redis.multi()
    for (const n of range(2, 30)) log.xadd(kernel.key('events'), '*', 'job.added@1', JSON.stringify(added(n).data))
    await log.xtrim(kernel.key('events'), 'MAXLEN', 5).exec()
    for (const [heard, sub] of [
      [one, 3],
      [other, 4],
    ] as const) {
      const frames = await heard.until((all) => all.length === 7)
      expect(frames[1]).toMatchObject({ type: 'gap', sub })
      expect(tasks([...frames.slice(0, 1), ...frames.slice(2)])).toEqual(
        [1, ...range(25, 30)].map((n) => `mail:t_${n}`),
      )
    }
  })

  test('of a log that went back to an earlier state are told as a gap, and those that come are heard', async ({
    kernel,
    live,
  }) => {
    const ids = await append(kernel, 0, 1, 2)
    await expect.poll(() => live.tail.last).toBe(ids[2])
    const heard = listener()
    subscribe(live, everyone, { id: 3, topics: ['job:*'], batch: true }, heard)
    const log = kernel.redis.multi().del(kernel.key('events'))
    for (const n of [0, 1]) log.xadd(kernel.key('events'), ids[n] ?? '', 'job.added@1', JSON.stringify(added(n).data))
    await log.exec()
    await append(kernel, 3)
    const frames = await heard.until((all) => all.length === 2)
    expect(frames[0]).toMatchObject({ type: 'gap', sub: 3 })
    expect(tasks(frames.slice(1))).toEqual(['mail:t_3'])
  })

  test('behind a position the log has not reached are told after a gap, not swallowed', async ({ kernel, live }) => {
    await append(kernel, ...range(0, 3))
    const heard = listener()
    subscribe(live, everyone, { id: 3, topics: ['job:*'], after: '999999999999999-0', batch: true }, heard)
    expect(await heard.until((all) => all.length === 1)).toMatchObject([{ type: 'gap', sub: 3 }])
    await append(kernel, 3)
    expect(tasks((await heard.until((all) => all.length === 2)).slice(1))).toEqual(['mail:t_3'])
    const page = await poll(
      live,
      everyone,
      { topics: ['job:*'], after: '999999999999999-0', limit: 10, waitMs: 0 },
      new AbortController().signal,
    )
    expect(page.data).toMatchObject([{ type: 'gap' }])
    expect(page.cursor).toBe(await createEventLog(kernel).last())
  })
})

describe('states', () => {
  test('listen while one of them is open, so that facts nobody watches cost a process little', async () => {
    let listeners = 0
    const tail = { listen: () => (listeners++, () => void listeners--) }
    const load = () => Promise.resolve<Rows>(new Map())
    const topics = createTopics(() => ({ load, take: () => undefined, restMs: 1, idleMs: 1_000 }), tail)
    const watched = ['state:queues', 'state:jobs'].map((name) => topics.open(everyone, name))
    const stops = watched.map((topic) => topic?.watch(() => undefined))
    await Promise.all(watched.flatMap((topic) => topic?.ready ?? []))
    expect(listeners).toBe(1)
    stops[0]?.()
    expect(listeners).toBe(1)
    stops[1]?.()
    expect(listeners).toBe(0)
    topics.open(everyone, 'state:queues')
    expect(listeners).toBe(1)
    topics.stop()
    expect(listeners).toBe(0)
  })

  test('are not given to who may not have them, also while somebody else has them open', async () => {
    const source: Source = { load: () => Promise.resolve(new Map()), take: () => undefined, restMs: 1, idleMs: 1_000 }
    const topics = createTopics(({ scopes }) => (scopes.includes('operations:read') ? source : undefined), silent)
    const operator: Principal = { ...everyone, scopes: ['stream:read', 'operations:read'] }
    const opened = topics.open(operator, 'state:operations')
    const stop = opened?.watch(() => undefined)
    await opened?.ready
    expect(topics.open(everyone, 'state:operations')).toBeUndefined()
    expect(topics.open({ ...operator, id: 'another' }, 'state:operations')).toBe(opened)
    // Operations are their own of those who do not see every queue.
    const [one, other] = ['one', 'other'].map((id) =>
      topics.open({ ...operator, id, queues: ['mail'] }, 'state:operations'),
    )
    expect(one).toBeDefined()
    expect(one).not.toBe(other)
    // What is in a topic may be less for some.
    const sees: Principal = { ...operator, scopes: [...operator.scopes, 'recovery:read'] }
    expect(topics.open(sees, 'state:operations')).not.toBe(opened)
    stop?.()
    topics.stop()
  })

  test('that were closed while they loaded take nothing from who opened them again, and load no more', async () => {
    let listeners = 0
    const tail = { listen: () => (listeners++, () => void listeners--) }
    const answers: (() => void)[] = []
    let ticks = 0
    const loads: Record<string, Source['load']> = {
      'state:queues': () => new Promise((resolve) => answers.push(() => resolve(new Map()))),
      // Loads at the same pace, and tells by it that time goes by.
      'state:jobs': () => (ticks++, Promise.resolve(new Map())),
    }
    const topics = createTopics(
      (_principal, name) => ({ load: loads[name] as Source['load'], take: () => undefined, restMs: 1, idleMs: 1 }),
      tail,
    )
    topics.open(everyone, 'state:queues')?.watch(() => undefined)()
    const again = topics.open(everyone, 'state:queues')
    const stop = again?.watch(() => undefined)
    answers[0]?.()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(topics.open(everyone, 'state:queues')).toBe(again)
    expect(listeners).toBe(1)
    answers[1]?.()
    // It loads again and again, until it is closed in the midst of that.
    await vi.waitUntil(() => answers.length === 3, { interval: 1 })
    stop?.()
    expect(listeners).toBe(0)
    answers[2]?.()
    topics.open(everyone, 'state:jobs')?.watch(() => undefined)
    await vi.waitUntil(() => ticks === 10, { interval: 1 })
    expect(answers).toHaveLength(3)
    topics.stop()
  })

  test('that changed while they loaded are loaded once more, at their own pace and never two at a time', async () => {
    let tell = (_entries: readonly TailEntry[]): void => undefined
    const tail: Pick<Tail, 'listen'> = { listen: (listener) => ((tell = listener), () => undefined) }
    const answers: ((rows: Rows) => void)[] = []
    let ticks = 0
    const queues: Source = {
      ...{ load: () => new Promise((resolve) => answers.push(resolve)), take: () => 'load', restMs: 1, idleMs: 60_000 },
    }
    const load: Source['load'] = () => (ticks++, Promise.resolve(new Map()))
    const ticking: Source = { load, take: () => undefined, restMs: 1, idleMs: 1 }
    const topics = createTopics((_principal, name) => (name === 'state:queues' ? queues : ticking), tail)
    const topic = topics.open(everyone, 'state:queues')
    topic?.watch(() => undefined)
    const happened = [{ value: {} } as unknown as TailEntry]
    tell(happened)
    answers[0]?.(new Map([['mail', 1]]))
    await vi.waitUntil(() => answers.length === 2, { interval: 1 })
    tell(happened)
    topics.open(everyone, 'state:jobs')?.watch(() => undefined)
    await vi.waitUntil(() => ticks === 10, { interval: 1 })
    expect(answers).toHaveLength(2)
    answers[1]?.(new Map([['mail', 2]]))
    await vi.waitUntil(() => answers.length === 3, { interval: 1 })
    answers[2]?.(new Map([['mail', 3]]))
    // With nothing more to load for, it rests.
    await vi.waitUntil(() => ticks === 20, { interval: 1 })
    expect([answers.length, topic?.rows.get('mail')]).toEqual([3, 3])
    tell(happened)
    await vi.waitUntil(() => answers.length === 4, { interval: 1 })
    topics.stop()
  })

  test('stay as a fact told while they loaded: what was read before it is older', async () => {
    let tell = (_entries: readonly TailEntry[]): void => undefined
    const tail: Pick<Tail, 'listen'> = { listen: (listener) => ((tell = listener), () => undefined) }
    const answers: ((rows: Rows) => void)[] = []
    const load = () => new Promise<Rows>((resolve) => answers.push(resolve))
    const take: Source['take'] = ({ value }) => new Map(Object.entries(value))
    const topics = createTopics(() => ({ load, take, restMs: 1, idleMs: 1 }), tail)
    const topic = topics.open(everyone, 'state:spans')
    topic?.watch(() => undefined)
    answers[0]?.(new Map([['a', 'runs'], ['b', 'runs'], ['c', 'runs']])) // prettier-ignore
    await topic?.ready
    await vi.waitUntil(() => answers.length === 2, { interval: 1 })
    tell([{ value: { a: 'done', d: 'runs' } } as unknown as TailEntry])
    answers[1]?.(new Map([['a', 'runs'], ['b', 'done']])) // prettier-ignore
    await vi.waitUntil(() => answers.length === 3, { interval: 1 })
    expect(Object.fromEntries(topic?.rows ?? [])).toEqual({ a: 'done', b: 'done', d: 'runs' })
    // What no fact changed since is as it is read.
    answers[2]?.(new Map([['a', 'done']]))
    await vi.waitUntil(() => answers.length === 4, { interval: 1 })
    expect(Object.fromEntries(topic?.rows ?? [])).toEqual({ a: 'done' })
    topics.stop()
  })

  test('are those of one subscriber, also where another may do the same', async () => {
    const rowsOf = (subscriber = ''): Rows => new Map([[subscriber, subscriber]])
    const topics = createTopics(
      ({ subscriber }) => ({
        ...{ load: () => Promise.resolve(rowsOf(subscriber)), take: () => undefined, restMs: 1, idleMs: 1_000 },
      }),
      silent,
    )
    const rows = ['acme', 'globex'].map(async (subscriber) => {
      const topic = topics.open({ ...everyone, queues: [], subscriber }, 'state:webhooks')
      await topic?.ready
      return [...(topic?.rows.keys() ?? [])]
    })
    expect(await Promise.all(rows)).toEqual([['acme'], ['globex']])
    topics.stop()
  })

  test('are kept for nobody who left before they were there, and looked up again after a failure', async ({
    tail,
    kernel,
  }) => {
    const answers: ((rows: Rows | Error) => void)[] = []
    const load = (): Promise<Rows> =>
      new Promise((resolve, reject) => answers.push((rows) => (rows instanceof Error ? reject(rows) : resolve(rows))))
    const topics = createTopics(() => ({ load, take: () => undefined, restMs: 1, idleMs: 1 }), tail)
    const live: Live = { kernel, tail, feeds: createFeeds(tail), topics }
    const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    const wish = { id: 1, topics: ['state:queues'], batch: true }
    subscribe(live, everyone, wish, listener())()
    const first = topics.open(everyone, 'state:queues')
    answers[0]?.(new Map())
    await turn()
    expect(topics.open(everyone, 'state:queues')).not.toBe(first)
    answers[1]?.(new Error('Redis is away'))
    await turn()
    const heard = listener()
    subscribe(live, everyone, wish, heard)
    answers[2]?.(new Map([['mail', 1]]))
    expect(await heard.until((all) => all.length > 0)).toMatchObject([{ type: 'snapshot', rows: { mail: 1 } }])
    topics.stop()
  })

  test('are told as a snapshot and then as changes counted from it', async ({ kernel, live }) => {
    const heard = listener()
    subscribe(live, everyone, { id: 7, topics: ['state:queues'], batch: true }, heard)
    await heard.until((all) => all.length === 1)
    expect(heard.frames[0]).toMatchObject({ type: 'snapshot', sub: 7, seq: 0, rows: { mail: { waiting: 1 } } })
    await append(kernel, 1)
    const [, change] = await heard.until((all) => all.length === 2)
    expect(change).toMatchObject({ sub: 7, topic: 'state:queues', seq: 1, set: { mail: { last: 'mail:t_1' } } })
  })

  test('reach a slow listener merged, the newest value of each row only', async ({ kernel, live }) => {
    const slow = { ...listener(), slow: true }
    subscribe(live, everyone, { id: 7, topics: ['state:queues'], batch: true }, slow)
    await slow.until((all) => all.length === 1)
    for (const n of range(1, 4)) {
      await append(kernel, n)
      while (live.topics.open(everyone, 'state:queues')?.rows.get('mail') === undefined)
        await new Promise((resolve) => setImmediate(resolve))
    }
    slow.slow = false
    await append(kernel, 9)
    const frames = await slow.until((all) => all.some((frame) => JSON.stringify(frame).includes('t_9')))
    expect(frames.at(-1)).toMatchObject({ set: { mail: { last: 'mail:t_9' } } })
    expect(frames.map((frame) => frame['seq'])).toEqual(frames.map((_frame, index) => index))
  })

  test('reach a listener that has caught up without waiting for the next change', async ({ kernel, live }) => {
    const ready = Promise.withResolvers<() => void>()
    const slow = { ...listener(), slow: true, onReady: (wake: () => void) => (ready.resolve(wake), () => undefined) }
    subscribe(live, everyone, { id: 7, topics: ['state:queues'], batch: true }, slow)
    await slow.until((all) => all.length === 1)
    await append(kernel, 1)
    const wake = await ready.promise
    expect(slow.frames).toHaveLength(1)
    wake()
    expect(slow.frames[1]).toMatchObject({ seq: 1, set: { mail: { last: 'mail:t_1' } } })
  })
})

describe('long-poll', () => {
  const never = new AbortController().signal
  test('answers at once with a cursor when none is given', async ({ live }) => {
    const page = await poll(live, everyone, { topics: ['job:*'], limit: 10, waitMs: 0 }, never)
    expect(page).toEqual({ data: [], cursor: live.tail.last, has_more: false })
  })

  test('waits for a fact, tells it, and goes on after it', async ({ kernel, live }) => {
    const { cursor } = await poll(live, everyone, { topics: ['job:*'], limit: 10, waitMs: 0 }, never)
    const waiting = poll(live, everyone, { topics: ['job:*'], after: cursor, limit: 10, waitMs: 10_000 }, never)
    const [id] = await append(kernel, 1)
    const page = await waiting
    expect(tasks(page.data)).toEqual(['mail:t_1'])
    expect(page.cursor).toBe(id)
  })

  test('tells the same facts as the socket, in pages of the asked size', async ({ kernel, live }) => {
    const [first] = await append(kernel, ...range(0, 25))
    const told: string[] = []
    let cursor = first as string
    for (let more = true; more;) {
      const page = await poll(live, everyone, { topics: ['job:*'], after: cursor, limit: 10, waitMs: 0 }, never)
      told.push(...tasks(page.data))
      cursor = page.cursor
      more = page.has_more
    }
    expect(told).toEqual(range(1, 25).map((n) => `mail:t_${n}`))
  })
})
