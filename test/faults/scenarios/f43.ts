// F43: 200,000 jobs wait and 100,000 are dead, while somebody looks at the dashboard and work on all of them goes on: nobody waits
// for Redis because of it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../../../scripts/bench/fill.ts'
import { fillDead } from '../../../scripts/bench/dead.ts'
import { startTestRedis } from '../../support/redis-server.ts'
import type { TestRedis } from '../../support/redis-server.ts'
import { broken, fault } from '../fault.ts'
import { largest, percentile, round } from '../support/figures.ts'
import type { Ground } from '../support/ground.ts'
import type { Violation } from '../support/oracle.ts'
import { startPings } from '../support/pings.ts'
import type { Ping, Pings } from '../support/pings.ts'
import { slowest } from '../support/slowlog.ts'
import type { SlowCommand } from '../support/slowlog.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'
import { startViewer } from '../support/viewer.ts'
import { send } from './batches.ts'
import type { Op } from './batches.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

const WAITING = 200_000
const DEAD = 100_000
/** A queue of another service, whose workers are away. */
const QUEUE = 'backlog'
/** Longer than this nobody may be kept waiting, in ms. */
const HELD_MAX = 50
const SLOW_US = 10_000
const BATCHED = 500
const MOVED = 5_000
const SLOW_SHOWN = 5

interface BacklogStage extends Stage {
  pinging: Pings
  pings: Ping[]
  /** Of a Redis beside it that has nothing to do: whoever waits for that one waits for the machine. */
  idling: Pings
  idle: Ping[]
  slow: SlowCommand[]
  ended: Record<string, unknown>[]
  left: number[]
  view: { shown: number; failures: string[] }
}

export const f43 = fault<BacklogStage>({
  id: 'F43',
  title: '200,000 wait, 100,000 are dead, and all of them are worked on',
  lane: 'long',
  cannotRun: async () =>
    existsSync('/proc/self/schedstat') ? undefined : 'what a process was kept from running is told by /proc of Linux',
  async setup(ground) {
    // What Redis rewrites its file for is the filling.
    const slowlog = ['--slowlog-log-slower-than', String(SLOW_US), '--slowlog-max-len', '1000']
    const args = ['--auto-aof-rewrite-percentage', '0', ...slowlog]
    const stage = await createStage(ground, { redis: { args } })
    const { redis } = stage.census
    await fill(redis, 'bull', QUEUE, 'wait', { count: WAITING })
    const now = Date.now()
    await fillDead({ redis, bullPrefix: 'bull' }, { queue: QUEUE, count: DEAD, from: now - 3_600_000, stepMs: 30 })
    const pinging = pingOn(ground, stage.redis)
    const idling = pingOn(ground, await startIdle(ground))
    const view = { shown: 0, failures: [] }
    return Object.assign(stage, { pinging, pings: [], idling, idle: [], slow: [], ended: [], left: [], view })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 20 })
    await steady(stage)
    await stage.census.redis.slowlog('RESET')
    stage.mark('begun')
  },
  async inject(stage) {
    const viewer = await startViewer(stage.client, stage.key, QUEUE)
    stage.ground.onClose(() => viewer.stop())
    const batching = batchOn(stage)
    await workOn(stage, [
      ['/jobs/actions/cancel', { filter: { queue: [QUEUE], state: ['waiting'] }, limit: MOVED }],
      ['/error-recovery/dlq/resubmit', { filter: { queue: [QUEUE] }, ladder: null, limit: MOVED }],
    ])
    await workOn(stage, [[`/queues/${QUEUE}/retry-all`, { limit: MOVED }]])
    await workOn(stage, [
      [`/queues/${QUEUE}/drain`, {}],
      [`/queues/${QUEUE}/clean`, { state: 'failed' }],
    ])
    await batching
    stage.view = await viewer.stop()
  },
  async heal(stage) {
    const { redis } = stage.census
    stage.mark('over')
    const meanwhile = async (pings: Pings): Promise<Ping[]> =>
      (await pings.stop()).filter(({ at }) => at >= stage.at('begun'))
    stage.pings = await meanwhile(stage.pinging)
    stage.idle = await meanwhile(stage.idling)
    stage.slow = await slowest(redis)
    stage.left = [await redis.llen(`bull:${QUEUE}:wait`), await redis.zcard(`bull:${QUEUE}:failed`)]
  },
  oracle: (stage, evidence) => [
    ...allDone(stage),
    ...nothingLeft(stage),
    ...shownAll(stage),
    ...blamed(stage),
    ...wronglyFailed(evidence),
  ],
  figures: ({ pings, idle, slow, view }) => [
    { name: 'PINGs', value: pings.length, unit: '', least: 200 },
    { name: 'pages asked for', value: view.shown, unit: '', least: 30 },
    { name: 'PING p99', value: percentile99(pings), unit: 'ms' },
    { name: 'PING slowest', value: round(largest(pings.map(({ ms }) => ms))), unit: 'ms' },
    { name: 'of which Redis worked, longest', value: round(largest(heldOf(pings))), unit: 'ms', most: HELD_MAX },
    { name: 'PING of an idle Redis p99', value: percentile99(idle), unit: 'ms' },
    { name: 'PING of an idle Redis slowest', value: round(largest(idle.map(({ ms }) => ms))), unit: 'ms' },
    { name: 'and while the other was slowest', value: round(besideSlowest(pings, idle)), unit: 'ms' },
    ...slow.slice(0, SLOW_SHOWN).map(({ us, command }, n) => ({
      name: `slow ${n + 1}: ${command.slice(0, 80)}`,
      value: round(us / 1_000),
      unit: 'ms',
    })),
  ],
})

const heldOf = (pings: readonly Ping[]): number[] => pings.map(({ heldMs }) => heldMs)

const percentile99 = (pings: readonly Ping[]): number => round(percentile(pings.map(({ ms }) => ms), 0.99)) // prettier-ignore

/** How long the idle Redis was waited for at the moment when the other one was waited for longest. */
const besideSlowest = (pings: readonly Ping[], idle: readonly Ping[]): number => {
  const [worst] = pings.toSorted((one, other) => other.ms - one.ms)
  if (!worst) return 0
  const beside = idle.filter(({ at, ms }) => at <= worst.at + worst.ms && at + ms >= worst.at)
  return Math.max(0, ...beside.map(({ ms }) => ms))
}

const startIdle = async (ground: Ground): Promise<TestRedis> => {
  const redis = await startTestRedis({ dir: join(ground.dir, 'idle') })
  ground.onClose(() => redis.stop())
  return redis
}

const pingOn = (ground: Ground, redis: TestRedis): Pings => {
  const pings = startPings(redis)
  ground.onClose(() => pings.stop())
  return pings
}

/** Starts work on the whole queue side by side, and waits until all of it has ended. */
const workOn = async (
  stage: BacklogStage,
  asked: readonly (readonly [path: string, body: object])[],
): Promise<void> => {
  const ids = await Promise.all(asked.map(([path, body]) => start(stage, path, body)))
  for (const id of ids) stage.ended.push(await until(`operation ${id} has ended`, () => endOf(stage, id), 100_000, 250))
}

const start = async ({ client }: Stage, path: string, asked: object): Promise<string> => {
  const { status, body } = await client.call('POST', `/api/v2${path}`, asked)
  if (status !== 202) throw new Error(`${path} was answered ${status} ${JSON.stringify(body).slice(0, 300)}`)
  return String(body['id'])
}

const endOf = async ({ client }: Stage, id: string): Promise<Record<string, unknown> | undefined> => {
  const { body } = await client.call('GET', `/api/v2/operations/${id}`)
  return body['finished_at'] ? body : undefined
}

/** One batch that goes on as an operation, and small ones that are answered at once, on jobs at the far end of the line. */
const batchOn = async (stage: BacklogStage): Promise<void> => {
  const opOf = (n: number): Op => ({
    op: 'set_priority',
    task_id: `${QUEUE}:old-${WAITING - 1 - n}`,
    priority: 1 + (n % 10),
  })
  const ops = Array.from({ length: BATCHED + 300 }, (_, n) => opOf(n))
  const { body } = await send(stage, { ops: ops.slice(0, BATCHED), key: 'large', later: true })
  for (let from = BATCHED; from < ops.length; from += 100)
    await send(stage, { ops: ops.slice(from, from + 100), key: `small-${from}` })
  await until('the batch has ended', () => endOf(stage, String(body['id'])), 60_000, 250)
}

const allDone = ({ ended }: BacklogStage): Violation[] =>
  ended.flatMap(({ kind, status, progress }) =>
    status === 'succeeded' ? [] : [broken(`${String(kind)} ended ${String(status)}: ${JSON.stringify(progress)}`)],
  )

const nothingLeft = ({ left }: BacklogStage): Violation[] =>
  left.every((count) => count === 0) ? [] : [broken(`after the queue was emptied ${left.join(' and ')} are left`)]

const shownAll = ({ view: { failures } }: BacklogStage): Violation[] =>
  failures.length === 0 ? [] : [broken(`${failures.length} pages were not shown, the first ${failures[0]}`)]

/** Who it was, when somebody was kept waiting. */
const blamed = ({ pings, slow }: BacklogStage): Violation[] =>
  largest(heldOf(pings)) <= HELD_MAX ? [] : slow.slice(0, 5).map(({ us, command }) => broken(`${us} µs: ${command}`))
