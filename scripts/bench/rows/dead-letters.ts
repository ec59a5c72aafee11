// Row 5: a filtered page of dead letters among a million, against the same among a thousand and against a plain page of BullMQ's.
import type { Principal } from '../../../shared/auth/contract.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import { DlqQuery } from '../../../shared/dlq/contract.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { assemble } from '../../../shared/rooms.ts'
import type { Rooms } from '../../../shared/rooms.ts'
import { DlqGroupQuery } from '../../../shared/triage/contract.ts'
import { benchCatalog } from '../catalog.ts'
import { causes, fillDead } from '../dead.ts'
import type { Bench, Finding, Row } from '../row.ts'
import { median, percentile, ratios } from '../stats.ts'

const SMALL = 1_000
/** A slow machine fills less, and the row says how much. */
const BIG = 1_000_000
const FILL_AT_ONCE = 50_000
const FILL_MS = 15_000
const ROUNDS = 12
const REQUESTS = 20
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000
const PAGE = 50

const reader: Principal = { kind: 'key', id: 'key_bench', name: 'bench', scopes: SCOPES, queues: ['*'] }

/** Queue, error, time and text: a full page of them at either size. */
const filtered = (now: number) =>
  DlqQuery.parse({
    queue: 'inbox',
    error_name: ['SmtpError', 'DatabaseError'],
    from: new Date(now - 6 * 24 * 60 * 60 * 1_000).toISOString(),
    q: 'of',
    limit: PAGE,
  })

/** An installation with so many dead letters, all of them in the index. Answers how many there came to be. */
const openInbox = async (bench: Bench, count: number) => {
  const redis = await bench.redis(['--appendonly', 'no'])
  const kernel = createKernel({
    settings: readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }),
    role: 'worker',
  })
  const rooms = assemble(kernel, benchCatalog(1))
  bench.after(() => rooms.close().then(() => kernel.close()))
  const filled = await fill(kernel, count)
  await createRecorder(kernel, rooms.bull, { leaseMs: 300_000 }).catchUp()
  return { kernel, rooms, filled }
}
type Inbox = Awaited<ReturnType<typeof openInbox>>

const fill = async (kernel: Kernel, count: number): Promise<number> => {
  const until = performance.now() + FILL_MS
  const [from, stepMs] = [kernel.clock.now() - WEEK_MS, WEEK_MS / count]
  let first = 0
  for (; first < count && performance.now() < until; first += FILL_AT_ONCE)
    await fillDead(kernel, { queue: 'inbox', first, count: Math.min(FILL_AT_ONCE, count - first), from, stepMs })
  return Math.min(first, count)
}

/** How long each of some requests took, in ms. */
const timesOf = async (request: () => Promise<{ length: number }>): Promise<number[]> => {
  const times: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    const begun = performance.now()
    const { length } = await request()
    times.push(performance.now() - begun)
    if (length !== PAGE) throw new Error(`a page has ${length} rows, not ${PAGE}`)
  }
  return times
}

const pageOf =
  ({ dlq }: Rooms, now: number) =>
  async () =>
    (await dlq.list(reader, filtered(now))).data
const groupsOf =
  ({ triage }: Rooms) =>
  async () =>
    (await triage.list(reader, DlqGroupQuery.parse({ limit: PAGE }))).data
const plainOf = ({ bull }: Rooms) => {
  const queue = bull.queue('inbox')
  return () => queue.getFailed(0, PAGE - 1)
}

export const deadLetters: Row = {
  id: '5',
  title: 'a page of dead letters by queue, error, time and text, and one of groups, among 1,000,000',
  floor: "the same among 1,000, and BullMQ's getFailed of a page among 1,000,000",
  async run(bench) {
    const [small, big] = [await openInbox(bench, SMALL), await openInbox(bench, BIG)]
    const now = big.kernel.clock.now()
    const sides = {
      small: pageOf(small.rooms, now),
      big: pageOf(big.rooms, now),
      plain: plainOf(big.rooms),
      fewGroups: groupsOf(small.rooms),
      groups: groupsOf(big.rooms),
    }
    const names = Object.keys(sides) as (keyof typeof sides)[]
    const times = Object.fromEntries(names.map((name) => [name, [] as number[][]])) as Record<
      keyof typeof sides,
      number[][]
    >
    for (let round = -1; round < ROUNDS; round++)
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const slice = await bench.load.during(() => timesOf(sides[name]))
        if (round >= 0) times[name].push(slice)
      }
    return findingOf(times, big)
  },
}

const findingOf = (
  times: Record<'small' | 'big' | 'plain' | 'fewGroups' | 'groups', number[][]>,
  big: Inbox,
): Finding => {
  const against = (one: keyof typeof times, other: keyof typeof times): number[] =>
    ratios(times[one].map(median), times[other].map(median))
  const p95 = (name: keyof typeof times): number => percentile(times[name].flat(), 0.95)
  const figure = (name: string, values: number[], moonshot: number) => ({
    bar: { name, kind: 'time', must: { atMost: 2 }, moonshot: { atMost: moonshot } } as const,
    values,
  })
  const absolute = (name: string, value: number) => ({
    bar: { name, kind: 'told', unit: 'ms', must: { atMost: 50 } } as const,
    values: [value],
  })
  const say = (name: keyof typeof times): string => `${name} ${median(times[name].flat()).toFixed(1)} ms`
  return {
    figures: [
      figure('page against 1,000', against('big', 'small'), 1.3),
      figure("page against BullMQ's", against('big', 'plain'), 1),
      figure('groups against 1,000', against('groups', 'fewGroups'), 1.3),
      absolute('page p95', p95('big')),
      absolute('groups p95', p95('groups')),
    ],
    notes: [
      (Object.keys(times) as (keyof typeof times)[]).map(say).join(' · '),
      `${big.filled} dead letters of ${causes.length} causes; the append-only file is off, to fit the time`,
    ],
  }
}
