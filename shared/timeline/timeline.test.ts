// The timeline answers every attempt that touches a window, each once, of the queues one may see.
import { EventEmitter, once } from 'node:events'
import { vi } from 'vitest'
import type { Kernel } from '../kernel/kernel.ts'
import { queuesKey } from '../metrics/buckets.ts'
import { FINE_MS } from '../metrics/slots.ts'
import { ENTRIES_MAX } from './read-spans.ts'
import { PROMPT_MS, SPANS_TOGETHER, joinSpans, lateSpansKey, packSpan, spansKey } from './spans.ts'
import { SPAN_STATES } from './contract.ts'
import { priorityBin } from './priority-words.ts'
import type { SpanColumns, SpanRow } from './contract.ts'
import { catalog } from '../catalog/catalog.ts'
import { createTimeline } from './timeline.ts'
import type { Timeline } from './timeline.ts'
import { describe, expect, input, person, saysOf, test as base } from '../../test/support/rooms.ts'

const AT = Date.UTC(2026, 10, 22, 11)
const page = { limit: 200, has_more: false, next_cursor: null, prev_cursor: null }
const sources = {
  breakers: {
    timeline: async () => ({
      from: new Date(AT).toISOString(),
      to: new Date(AT + 60_000).toISOString(),
      services: [
        {
          service: 'smtp',
          pieces: [
            {
              from: new Date(AT).toISOString(),
              to: new Date(AT + 5_000).toISOString(),
              duration_ms: 5_000,
              state: 'closed' as const,
            },
            {
              from: new Date(AT + 5_000).toISOString(),
              to: new Date(AT + 60_000).toISOString(),
              duration_ms: 55_000,
              state: 'open' as const,
            },
          ],
        },
      ],
      truncated: false,
    }),
  },
  audit: { list: async () => ({ data: [], page }) },
  scheduleRuns: {
    history: async () => ({
      data: [30_100, 30_000, 10_000].map(
        (at) => ({ schedule_id: 'nightly', scheduled_for: new Date(AT + at).toISOString() }) as never,
      ),
      page,
    }),
  },
}

const test = base.extend<{ timeline: Timeline; store: (...rows: SpanRow[]) => Promise<void> }>({
  timeline: async ({ kernel, bull }, use) => use(createTimeline(kernel, bull, { catalog, sources })),
  store: async ({ kernel }, use) =>
    use(async (...rows) => {
      for (const row of rows.toSorted((one, other) => one.start + one.run - other.start - other.run))
        await kernel.redis.xadd(spansKey(kernel, row.queue), `${row.start + row.run}-*`, 's', packSpan(row))
    }),
})

const span = (id: string, start: number, run: number, more: Partial<SpanRow> = {}): SpanRow => ({
  queue: 'mail',
  id,
  name: 'mail.send',
  worker: 'w_1',
  start: AT + start,
  wait: 1,
  run,
  state: 'completed',
  priority: 1,
  attempt: 1,
  backoff: 0,
  ...more, // prettier-ignore
})
const between = (from: number, to: number, limit = 100) => ({
  from: new Date(AT + from).toISOString(),
  to: new Date(AT + to).toISOString(),
  limit,
})

/** What a client is told. */
const columnsOf = async (timeline: Timeline, ...asked: Parameters<Timeline['spans']>): Promise<SpanColumns> =>
  (await timeline.spans(...asked)).read()

/** Columns back to rows, as a client reads them. */
const rowsOf = (columns: SpanColumns): Pick<SpanRow, 'queue' | 'id' | 'name' | 'worker' | 'start' | 'state'>[] => {
  let start = columns.base
  return columns.id.map((id, at) => ({
    id,
    queue: columns.queues[columns.queue[at] ?? -1] ?? '',
    name: columns.names[columns.name[at] ?? -1] ?? '',
    worker: columns.workers[columns.worker[at] ?? -1] ?? '',
    start: (start += columns.start[at] ?? 0),
    state: SPAN_STATES[columns.state[at] ?? -1] ?? 'held',
  }))
}

/** How many entries each command read meanwhile. */
const entriesReadBy = async (kernel: Kernel, work: () => Promise<void>): Promise<number[]> => {
  const asked = vi.spyOn(kernel.redis, 'xrevrangeBuffer')
  await work()
  const replies = await Promise.all(asked.mock.results.map(({ value }) => value as Promise<unknown[]>))
  asked.mockRestore()
  return replies.map((entries) => entries.length)
}

describe('a window', () => {
  test('is looked for only in queues where something ran', async ({ timeline, store, me, kernel, bull, foreign }) => {
    for (let n = 0; n < 20; n++) await foreign(`idle-${n}`).waitUntilReady()
    await bull.discover()
    await store(span('one', 0, 10))
    const read = await entriesReadBy(kernel, async () => {
      expect((await columnsOf(timeline, me, between(0, 100))).id).toEqual(['one'])
    })
    // The spans of that queue and its late ones.
    expect(read).toHaveLength(2)
  })

  test('holds queues of other services too, right after a start', async ({ timeline, store, me, foreign }) => {
    await foreign('theirs').waitUntilReady()
    await store(span('a', 0, 10, { queue: 'theirs' }))
    expect((await columnsOf(timeline, me, between(0, 100))).id).toEqual(['a'])
  })

  test('holds what touches it and nothing else, sorted by start', async ({ timeline, store, me }) => {
    await store(
      span('before', 0, 99),
      span('into', 50, 100),
      span('later', 130, 10, { queue: 'reports', name: 'report.build', worker: 'w_2', state: 'failed' }),
      span('out', 190, 50),
      span('around', 20, 900),
      span('after', 201, 10),
    )
    const columns = await columnsOf(timeline, me, between(100, 200))
    expect(rowsOf(columns)).toEqual([
      { id: 'around', queue: 'mail', name: 'mail.send', worker: 'w_1', start: AT + 20, state: 'completed' },
      { id: 'into', queue: 'mail', name: 'mail.send', worker: 'w_1', start: AT + 50, state: 'completed' },
      { id: 'later', queue: 'reports', name: 'report.build', worker: 'w_2', start: AT + 130, state: 'failed' },
      { id: 'out', queue: 'mail', name: 'mail.send', worker: 'w_1', start: AT + 190, state: 'completed' },
    ])
    expect(columns).toMatchObject({ from: AT + 100, to: AT + 200, base: AT + 20, truncated: false })
  })

  test('that holds more than the limit says so and gives the newest', async ({ timeline, store, me }) => {
    await store(...Array.from({ length: 2_300 }, (_, n) => span(`t_${n}`, n, 1)))
    const columns = await columnsOf(timeline, me, between(0, 10_000, 2_200))
    expect([columns.truncated, columns.id.length, columns.id[0]]).toEqual([true, 2_200, 't_100'])
    expect((await columnsOf(timeline, me, between(0, 10_000, 2_300))).truncated).toBe(false)
  })

  test('holds the newest of spans that ended together and share entries', async ({ kernel, timeline, me }) => {
    const names = Array.from({ length: 60 }, (_, entry) =>
      Array.from({ length: SPANS_TOGETHER }, (_, n) => `t_${entry * SPANS_TOGETHER + n}`),
    )
    for (const [at, together] of names.entries()) {
      const packed = together.map((id, n) => packSpan(span(id, at * SPANS_TOGETHER + n, 1)))
      await kernel.redis.xadd(spansKey(kernel, 'mail'), `${AT + 5_000 + at}-*`, 's', joinSpans(packed))
    }
    const all = await columnsOf(timeline, me, between(0, 10_000, 4_000))
    expect([all.truncated, all.id]).toEqual([false, names.flat()])
    const few = await columnsOf(timeline, me, between(0, 10_000, 2_200))
    expect([few.truncated, few.id.length, few.id[0]]).toEqual([true, 2_200, 't_800'])
  })

  test('that is long over is read without what came after it', async ({ kernel, timeline, store, me }) => {
    await store(...Array.from({ length: 30 }, (_, n) => span(`t_${n}`, n, 1)))
    const later = Array.from({ length: 300 }, (_, n) => span(`l_${n}`, 2 * PROMPT_MS + n, 1))
    await store(...later)
    await kernel.redis.xadd(lateSpansKey(kernel, 'mail'), `${AT + 3 * PROMPT_MS}-*`, 's', packSpan(span('long', 5, 3 * PROMPT_MS))) // prettier-ignore
    const read = await entriesReadBy(kernel, async () => {
      expect((await columnsOf(timeline, me, between(0, 100))).id).toHaveLength(31)
    })
    expect(read.reduce((sum, count) => sum + count, 0)).toBe(31)
  })

  test('is read in bounded steps, also where one span an entry becomes many', async ({
    kernel,
    timeline,
    store,
    me,
  }) => {
    const packed = Array.from({ length: SPANS_TOGETHER }, (_, n) => packSpan(span(`p_${n}`, n, 1)))
    for (let entry = 0; entry < 2 * ENTRIES_MAX; entry++)
      await kernel.redis.xadd(spansKey(kernel, 'mail'), `${AT + 100 + entry}-*`, 's', joinSpans(packed))
    await store(...Array.from({ length: 2 * ENTRIES_MAX }, (_, n) => span(`t_${n}`, 5_000 + n, 1)))
    const read = await entriesReadBy(kernel, async () => {
      const { id } = await columnsOf(timeline, me, between(0, 10_000, 100_000))
      expect(id).toHaveLength(2 * ENTRIES_MAX * (SPANS_TOGETHER + 1))
    })
    expect(Math.max(...read)).toBe(ENTRIES_MAX)
  })

  test('tells apart spans whose names hold the marks between spans', async ({ kernel, timeline, me }) => {
    const packed = [packSpan(span('a', 0, 1, { name: 'x\u001ey\u001fz' })), packSpan(span('b', 5, 1))]
    await kernel.redis.xadd(spansKey(kernel, 'mail'), `${AT + 10}-*`, 's', joinSpans(packed))
    const rows = rowsOf(await columnsOf(timeline, me, between(0, 10)))
    expect(rows.map(({ id, name }) => [id, name])).toEqual([
      ['a', 'x y z'],
      ['b', 'mail.send'],
    ])
  })

  test('holds only queues one may see and asked for', async ({ timeline, store, me }) => {
    await store(span('a', 0, 10), span('b', 0, 10, { queue: 'reports' }))
    expect((await columnsOf(timeline, person({ queues: ['rep*'] }), between(0, 10))).id).toEqual(['b'])
    expect((await columnsOf(timeline, me, { ...between(0, 10), queue: ['mail'] })).id).toEqual(['a'])
    expect(
      (await columnsOf(timeline, person({ queues: ['rep*'] }), { ...between(0, 10), queue: ['mail'] })).id,
    ).toEqual([])
  })
})

test('a run that has not ended is open, with its priority, and is not told twice once it has', async ({
  timeline,
  store,
  jobs,
  me,
  work,
  clock,
}) => {
  const release = new EventEmitter()
  const worker = work('mail', () => once(release, 'go'), { name: 'w_1' })
  const active = saysOf(worker, 'active', 't_a')
  const priority = { priority: 'high' as const }
  await jobs.enqueue(me, input({ name: 'mail.send', id: 'a', data: { to: 'x' }, options: priority }))
  await active
  await clock.advance(1_000)
  const window = { to: new Date(Date.now() + 1_000).toISOString(), limit: 10 }
  const open = await columnsOf(timeline, me, window)
  expect([open.id, open.run, open.state, open.priority]).toEqual([['t_a'], [-1], [0], [priorityBin(10)]])
  expect(await timeline.recent(me, 60_000)).toMatchObject([{ id: 't_a', worker: 'w_1', run: -1, attempt: 1 }])
  await store(span('t_a', clock.now() - AT, 5))
  expect((await columnsOf(timeline, me, window)).run).toEqual([5])
  release.emit('go')
})

test('a run that ends while it is looked at is not told as the attempt after it', async ({
  kernel,
  bull,
  timeline,
  jobs,
  me,
  work,
  clock,
}) => {
  const release = new EventEmitter()
  const worker = work('mail', () => once(release, 'go'))
  const active = saysOf(worker, 'active', 't_a')
  await jobs.enqueue(me, input({ name: 'mail.send', id: 'a', data: { to: 'x' } }))
  await active
  await clock.advance(1_000)
  // As its hash says once it has failed, and is to be tried again; and for good.
  const hash = `${bull.keys('mail').prefix}t_a`
  await kernel.redis.hset(hash, 'atm', 1)
  expect(await timeline.recent(me, 60_000)).toMatchObject([{ id: 't_a', run: -1, attempt: 1 }])
  await kernel.redis.hset(hash, 'finishedOn', clock.now())
  expect(await timeline.recent(me, 60_000)).toEqual([])
  release.emit('go')
})

test.for([['in one entry'], ['in entries of their own']])(
  'a run that was held before is told as it went on, %s',
  async ([how], { timeline, kernel, me, jobs, clock }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', id: 'a', data: { to: 'x' } }))
    const now = clock.now() - AT
    const ends = [span('t_a', now - 900, 100, { state: 'held' }), span('t_a', now - 700, 50, { state: 'held' }), span('t_a', now - 600, 40)] // prettier-ignore
    const entries = how === 'in one entry' ? [ends] : ends.map((end) => [end])
    for (const [n, together] of entries.entries())
      await kernel.redis.xadd(spansKey(kernel, 'mail'), `${AT + now - 500}-${n + 1}`, 's', joinSpans(together.map(packSpan))) // prettier-ignore
    expect(await timeline.recent(me, 60_000)).toMatchObject([{ id: 't_a', state: 'completed', run: 40 }])
  },
)

test.for<[string, number, Partial<SpanRow>]>([
  ['stalled', -5_000, { state: 'stalled', run: 5 }],
  ['was held by a clock that is ahead', 500, { state: 'held', run: 0 }],
])(
  'a run that goes on after it %s is open again',
  async ([, later, piece], { timeline, store, jobs, me, work, clock }) => {
    const release = new EventEmitter()
    const worker = work('mail', () => once(release, 'go'), { name: 'w_1' })
    const active = saysOf(worker, 'active', 't_a')
    await store(span('t_a', clock.now() - AT + later, 5, piece))
    await jobs.enqueue(me, input({ name: 'mail.send', id: 'a', data: { to: 'x' } }))
    await active
    await clock.advance(1_000)
    const window = { to: new Date(Date.now() + 1_000).toISOString(), limit: 10 }
    expect((await columnsOf(timeline, me, window)).run).toEqual([piece.run, -1])
    expect(await timeline.recent(me, 60_000)).toMatchObject([{ id: 't_a', run: -1, state: 'running' }])
    release.emit('go')
  },
)

describe('marks', () => {
  const minute = { from: new Date(AT).toISOString(), to: new Date(AT + 60_000).toISOString() }

  test('come from breakers, schedules and notes, by time; fires that lie together are one', async ({
    timeline,
    me,
  }) => {
    const note = await timeline.annotate(me, { text: 'Deployed 4f2a', at: new Date(AT + 20_000).toISOString() })
    const { marks, left_out } = await timeline.marks({ ...me, scopes: ['recovery:read', 'schedules:read'] }, minute)
    expect(marks.map(({ kind, at, count }) => [kind, at - AT, count])).toEqual([
      ['breaker', 5_000, 1],
      ['schedule', 10_000, 1],
      ['note', 20_000, 1],
      ['schedule', 30_000, 2],
    ])
    expect(marks[2]).toMatchObject({ text: 'Deployed 4f2a', about: me.name, id: note.id })
    expect(left_out).toEqual(['change'])
  })

  test('are left out where the caller may not see them', async ({ timeline, me }) => {
    const told = await timeline.marks({ ...me, scopes: ['jobs:read'] }, minute)
    expect(told).toEqual({ marks: [], truncated: false, left_out: ['breaker', 'schedule', 'change'] })
  })

  test('of people are listed, removed once, and refused in the future', async ({ timeline, me }) => {
    const { id } = await timeline.annotate(me, { text: 'Mine', at: new Date(AT + 1).toISOString() })
    expect(await timeline.notes(me, minute)).toMatchObject([{ id, text: 'Mine' }])
    await timeline.removeNote(me, id)
    expect(await timeline.notes(me, minute)).toEqual([])
    await expect(timeline.removeNote(me, id)).rejects.toMatchObject({ code: 'annotation-not-found' })
    await expect(timeline.annotate(me, { text: 'Too soon', at: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'validation-failed', extras: { errors: [{ pointer: '#/at' }] } }) // prettier-ignore
  })
})

test('cells count what ended by queue, and only of queues one may see', async ({ timeline, kernel, me }) => {
  const at = kernel.clock.now()
  const key = queuesKey(kernel, Math.floor(at / FINE_MS), FINE_MS)
  await kernel.redis.hset(key, {
    'mail|completed': 5,
    'mail|failed': 2,
    'mail|retried': 1,
    'mail|added': 9,
    'secret|failed': 3,
  })
  const asked = { from: new Date(at - 600_000).toISOString(), to: new Date(at).toISOString() }
  const told = await timeline.cells({ ...me, queues: ['mail'] }, asked)
  expect(told).toMatchObject({ step_ms: 5_000, queues: ['mail'], queue: [0], all: [8], failed: [2], retrying: [1] })
  expect((await timeline.cells({ ...me, queues: ['*'] }, asked)).queues).toEqual(['mail', 'secret'])
})
