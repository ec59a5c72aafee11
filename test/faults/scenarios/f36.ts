// F36: the worker that keeps schedules to what they say is stopped in the middle of that, replaced, and goes on late.
import { broken, fault } from '../fault.ts'
import type { Evidence } from '../support/evidence.ts'
import { holdersOf } from '../support/leases.ts'
import type { Violation } from '../support/oracle.ts'
import { childrenOf } from '../support/program.ts'
import type { Program } from '../support/program.ts'
import { startProxy } from '../support/proxy.ts'
import type { Proxy } from '../support/proxy.ts'
import { definitionOf, makeSchedule, pathOf, pauseSchedule } from '../support/schedules.ts'
import type { Schedule, WantedSchedule } from '../support/schedules.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'
import { closeBooks, extentOfSlots, slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const LEASE = '{k1n}:schedules:reconciler'
const TICKS = 'bull:k1n-schedules'
const EVERY_MS = 2_000
const OF_EACH = 10
/** Its supervisor kills a process that is silent for 20 s. */
const STOPPED_MS = 17_000
/** How long it goes on writing when nothing of it arrives any more, so that something is on its way. */
const REACH_MS = 20
/** So long that others take over what it had begun, and keep schedules still by its leave. */
const SHORT_MS = 4_000
const SHORT_STOPS = 4
/** What a late write has brought about is mended within this time. */
const MENDED_MS = 20_000

/** What becomes of a schedule while its keeper is stopped. */
type Fate = 'kept' | 'moved' | 'paused' | 'deleted'
const fates: Fate[] = ['kept', 'moved', 'paused', 'deleted']

const wantedOf = (fate: Fate, n: number): WantedSchedule => ({
  id: `${fate}-${n}`,
  everyMs: EVERY_MS,
  // Whoever is late makes a job that has gone once more, unless something keeps it from that.
  more: { job_options: { remove_on_complete: n % 2 === 0 } },
})
const all = (fate: Fate): WantedSchedule[] => Array.from({ length: OF_EACH }, (_, n) => wantedOf(fate, n))

/** A fleet of one worker with a way to Redis of its own. */
interface Side {
  network: Proxy
  fleet: Program
}

interface Stopped {
  sides: Side[]
  /** Bytes that were on their way when their sender was stopped, and arrived late. */
  held: number
  schedules: Schedule[]
  books: Book[]
  /** Who was stopped, and who took its place. */
  old: number
  heir: number | undefined
  /** When the other fates of schedules were settled. */
  changedAt: number
  /** Ticks of schedules that may not fire any more, at the end. */
  left: string[]
  isOn: boolean
}

export const f36 = fault<Stage & Stopped>({
  id: 'F36',
  title: 'whoever holds the lease over schedules is stopped in the middle of it and goes on late',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, { fleets: 0, workers: 1 })
    const sides = [await startSide(stage), await startSide(stage)]
    return Object.assign(stage, {
      ...{ sides, held: 0, schedules: [], books: [], old: 0, heir: undefined, changedAt: 0, left: [], isOn: true },
    })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 10 })
    for (const wanted of fates.flatMap(all)) stage.schedules.push(await makeSchedule(stage, wanted))
    await steady(stage)
    await until('somebody keeps the schedules', () => holdersOf(stage, LEASE).at(-1))
    await rest(2 * EVERY_MS)
  },
  async inject(stage) {
    const writing = writeOn(stage)
    for (let n = 0; n < SHORT_STOPS; n++) await stopFor(stage, SHORT_MS, () => Promise.resolve())
    await stopFor(stage, STOPPED_MS, async (old) => {
      const another = () => holdersOf(stage, LEASE).find((pid, n, pids) => pid !== old && n === pids.length - 1)
      stage.heir = await until('another keeps the schedules', another, STOPPED_MS - 2_000).catch(() => undefined)
      await change(stage)
    })
    stage.mark('gone on')
    stage.isOn = false
    await writing
  },
  async heal(stage) {
    await rest(MENDED_MS)
    const { redis } = stage.census
    const ticks = [
      ...(await redis.zrange(`${TICKS}:repeat`, 0, -1)),
      ...(await redis.zrange(`${TICKS}:delayed`, 0, -1)),
    ]
    stage.left = ticks.filter((tick) => /(^|[:-])(paused|deleted)-\d/.test(tick))
    stage.books = await closeBooks(stage, stage.schedules.filter(({ id }) => isGoingOn(id)).map(since(stage)))
  },
  oracle: (stage, evidence) => [
    ...slotsAreKept(evidence, stage.books),
    ...silent(stage, evidence),
    ...(stage.heir === undefined ? [broken('nobody took the lease over')] : []),
    ...(stage.workers().some(({ pid }) => pid === stage.old)
      ? []
      : [broken('the one that was stopped had to be replaced')]),
    ...stage.left.map((tick) => broken(`there is still a tick ${tick}`)),
    ...wronglyFailed(evidence),
  ],
  figures(stage, evidence) {
    const late = evidence.executions.filter(
      ({ pid, startedAt }) => pid === stage.old && startedAt >= stage.at('gone on'),
    )
    return [
      ...extentOfSlots(evidence, stage.books, { least: 200, passedMost: 0 }),
      { name: 'bytes that arrived late', value: stage.held, unit: '', least: 100 },
      { name: 'runs in the one that had been stopped', value: late.length, unit: '', least: 1 },
    ]
  },
})

/** Stops whoever keeps the schedules in the middle of a slot; what it had sent arrives before it goes on. */
const stopFor = async (
  stage: Stage & Stopped,
  ms: number,
  meanwhile: (old: number) => Promise<void>,
): Promise<void> => {
  const old = holdersOf(stage, LEASE).at(-1) ?? 0
  const network = stage.sides.find(({ fleet }) => isOf(fleet, old))?.network
  await inTheMiddle(stage)
  network?.set({ is: 'stall' })
  await rest(REACH_MS)
  process.kill(old, 'SIGSTOP')
  const stoppedAt = Date.now()
  await meanwhile(old)
  await rest(stoppedAt + ms - Date.now())
  stage.held += network?.held ?? 0
  network?.heal()
  await rest(REACH_MS)
  process.kill(old, 'SIGCONT')
  stage.old = old
}

/** Resolves when some of the schedules of a slot have been carried out and others have not. */
const inTheMiddle = async ({ census: { redis }, schedules }: Stage & Stopped): Promise<void> => {
  const slot = Math.ceil(Date.now() / EVERY_MS) * EVERY_MS
  await rest(slot - Date.now())
  const carriedOut = async (): Promise<boolean> => {
    const read = redis.pipeline()
    for (const { id } of schedules) read.hget(`{k1n}:schedules:state:${id}`, 'last')
    const answers = (await read.exec()) ?? []
    return answers.filter(([, last]) => Number(last) >= slot).length >= schedules.length / 4
  }
  await until('a slot is being carried out', carriedOut, 5_000, 1)
}

const startSide = async (stage: Stage): Promise<Side> => {
  const network = await startProxy(stage.redis.port)
  stage.ground.onClose(() => network.close())
  return { network, fleet: await stage.startFleet({ REDIS_URL: network.url }) }
}

const isOf = ({ pid }: Program, child: number): boolean => childrenOf(pid).some((one) => one.pid === child)

const isGoingOn = (id: string): boolean => id.startsWith('kept') || id.startsWith('moved')

/** Those whose times were changed are judged from then on. */
const since =
  ({ changedAt }: Stopped) =>
  (schedule: Schedule): Schedule =>
    schedule.id.startsWith('moved') ? { ...schedule, offsetMs: EVERY_MS / 2, since: changedAt } : schedule

/** Somebody changes schedules without end, so that whoever keeps them is never idle. */
const writeOn = async (stage: Stage & Stopped): Promise<void> => {
  for (let n = 0; stage.isOn; n++) {
    const wanted = wantedOf('kept', n % OF_EACH)
    const more = { ...wanted.more, tags: [`round ${n}`] }
    await stage.client.call('PUT', pathOf(wanted.id), definitionOf({ ...wanted, more }))
    await rest(50)
  }
}

const change = async (stage: Stage & Stopped): Promise<void> => {
  const moved = all('moved').map((wanted) => ({ ...wanted, offsetMs: EVERY_MS / 2 }))
  for (const wanted of moved) await stage.client.call('PUT', pathOf(wanted.id), definitionOf(wanted))
  for (const { id } of all('paused')) await pauseSchedule(stage, id)
  for (const { id } of all('deleted')) await stage.client.call('DELETE', pathOf(id))
  stage.changedAt = Date.now()
}

/** Nothing comes any more of slots after the change of schedules that were paused or deleted, and none of the old times. */
const silent = ({ changedAt }: Stopped, { executions }: Evidence): Violation[] =>
  executions
    .filter(({ key }) => {
      const [, fate, slot] = /^(moved|paused|deleted)-\d+\.(\d+)$/.exec(key) ?? []
      const isOld = fate !== 'moved' || Number(slot) % EVERY_MS === 0
      return fate !== undefined && isOld && Number(slot) > changedAt
    })
    .slice(0, 5)
    .map(({ key, pid }) => ({
      rule: 'g',
      text: `${key} ran in process ${pid}, after such slots had been done away with`,
    }))
