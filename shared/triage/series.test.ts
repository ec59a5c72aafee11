// Dead letters over time: each counted once, where it belongs, and as many open as there are.
import { Redis } from 'ioredis'
import { vi } from 'vitest'
import { die, expect } from '../../test/support/rooms.ts'
import { tellDead, test } from '../../test/support/dead.ts'
import type { Left } from '../../test/support/dead.ts'
import { frameOf } from '../metrics/frame.ts'
import type { Column } from '../metrics/frame.ts'
import { wantedOf } from '../metrics/sums.ts'
import type { SeriesAsked } from '../metrics/timeseries.ts'
import { DlqGroupQuery } from './contract.ts'

const HOUR = 3_600_000

/** The last hour, all of it known. */
const asked = (over: Partial<SeriesAsked> = {}): SeriesAsked => {
  const now = Date.now()
  const frame = frameOf({ from: now - HOUR, to: now }, now)
  const known = frame.x.map(() => true)
  return { frame, known, wanted: wantedOf({ queues: ['*'] }), groupBy: 'fingerprint', isOpen: true, ...over }
}
const sum = ({ y }: Column): number => y.reduce<number>((all, value) => all + (value ?? 0), 0)
const told = (columns: readonly Column[]) => columns.map((one) => [one.label, sum(one)])
const openIn = (columns: readonly Column[]) => columns.find(({ key }) => key === 'open')?.y.at(-1)

const causes = ['full', 'busy', 'slow', 'gone', 'lost', 'late', 'torn']
/** As many of the first cause as there are causes, one less of each further one. */
const dead: Left[] = causes.flatMap((message, less) =>
  Array.from({ length: causes.length - less }, (_, index) => ({ id: `${message}${index}`, at: Date.now(), message })),
)

test('the five most frequent causes are told apart, the others together', async ({
  kernel,
  bull,
  recorder,
  triage,
}) => {
  await tellDead(kernel, bull, ...dead)
  await recorder.catchUp()
  expect(told(await triage.series(asked())).slice(0, 6)).toEqual([
    ['full', 7],
    ['busy', 6],
    ['slow', 5],
    ['gone', 4],
    ['lost', 3],
    ['All others', 3],
  ])
})

test.for([
  [7, 30],
  [30, 120],
  [90, 360],
] as const)(
  'deaths of the last %i days are told by cause, in buckets of %i minutes',
  async ([days, minutes], { kernel, bull, recorder, triage }) => {
    const [now, stepMs] = [Date.now(), minutes * 60_000]
    const long = now - (days - 1) * 24 * HOUR
    const ends = [...dead.filter(({ message }) => message === 'full').map((one) => ({ ...one, toldAt: long }))]
    await tellDead(kernel, bull, ...ends, { id: 'now', at: now, message: 'busy' })
    await recorder.catchUp()
    const frame = frameOf({ from: now - days * 24 * HOUR, to: now }, now)
    const columns = await triage.series(asked({ frame, known: frame.x.map(() => true) }))
    expect(told(columns).slice(0, 2)).toEqual([
      ['full', 7],
      ['busy', 1],
    ])
    expect(frame.stepMs).toBe(stepMs)
    const bucket = frame.x.findIndex((at) => at <= long && long < at + stepMs)
    expect([columns[0]?.y[bucket], columns[1]?.y.at(-1)]).toEqual([7, 1])
    const open = columns.find(({ key }) => key === 'open')
    expect([open?.y[bucket - 1], open?.y[bucket], open?.y.at(-1)]).toEqual([0, 7, 8])
  },
)

test('who may not read dead letters sees causes by their id only', async ({ kernel, bull, recorder, triage }) => {
  await tellDead(kernel, bull, { id: 'a', at: Date.now(), message: 'secret' })
  await recorder.catchUp()
  const [first] = await triage.series(asked({ isOpen: false }))
  expect(first?.label).toBe(first?.key)
})

test('what leaves is told once, and what lies there at the end of each bucket', async ({
  kernel,
  bull,
  work,
  foreign,
  recorder,
  triage,
}) => {
  const queue = foreign('theirs')
  for (const id of ['a', 'b', 'c']) await queue.add('welcome', {}, { jobId: id })
  await die({ work, bull }, 'theirs', ['a', 'b', 'c'], () => new Error('no such mailbox'))
  await recorder.catchUp()
  expect(openIn(await triage.series(asked()))).toBe(3)
  await queue.remove('a')
  await (await queue.getJob('b'))?.retry()
  await recorder.catchUp()
  const columns = await triage.series(asked({ groupBy: undefined }))
  expect(told(columns)).toMatchObject([
    ['Came in', 3],
    ['Resubmitted or discarded', 2],
    ['Open', expect.any(Number) as number],
  ])
  expect(openIn(columns)).toBe(1)
  expect(columns.find(({ key }) => key === 'open')?.y[0]).toBe(0)
  expect(openIn(await triage.series(asked({ wanted: wantedOf({ queues: ['mail*'] }) })))).toBe(0)
  expect(await kernel.redis.zcard(bull.keys('theirs').failed)).toBe(1)
})

test('ages are told by the state of the group, also of one that died for days', async ({
  kernel,
  bull,
  recorder,
  triage,
  me,
}) => {
  const now = Date.now()
  await tellDead(
    kernel,
    bull,
    { id: 'old', at: now - 30 * HOUR, message: 'full' },
    { id: 'older', at: now - 8 * 24 * HOUR, message: 'full' },
    { id: 'fresh', at: now - 1_000, message: 'full' },
    { id: 'other', at: now - 2 * HOUR, message: 'busy' },
  )
  await recorder.catchUp()
  const groups = await triage.list(me, DlqGroupQuery.parse({}))
  const busy = groups.data.find(({ title }) => title === 'busy')
  await triage.decide(me, busy?.id ?? '', { state: 'ignored' })
  const { age } = await triage.metrics(me, { window: '5m' })
  expect(age.map(({ count }) => count)).toEqual([1, 1, 0, 1, 1])
  expect(age.map(({ by_state }) => by_state.ongoing)).toEqual([1, 0, 0, 1, 1])
  expect(age.map(({ by_state }) => by_state.ignored)).toEqual([0, 1, 0, 0, 0])
})

test('figures ask only queues that have a failed set what lies in it', async ({
  kernel,
  bull,
  recorder,
  triage,
  me,
  foreign,
}) => {
  for (let n = 0; n < 20; n++) await foreign(`idle-${n}`).waitUntilReady()
  await bull.discover()
  await tellDead(kernel, bull, { id: 'one', at: Date.now() - 1_000, message: 'full' })
  await recorder.catchUp()
  const sent = vi.spyOn(Redis.prototype, 'sendCommand')
  const { depth } = await triage.metrics(me, { window: '5m' })
  const counted = sent.mock.calls.filter(([{ name }]) => name === 'zcount').length
  sent.mockRestore()
  expect(depth).toBe(1)
  expect(counted).toBe(10)
})
