// F34: clocks are wrong: a worker and an API that start with one half a minute off, and a worker whose clock jumps ahead and back.
import { broken, fault } from '../fault.ts'
import { createClock } from '../support/clocks.ts'
import type { MachineClock } from '../support/clocks.ts'
import type { Evidence } from '../support/evidence.ts'
import { inSeconds, largest } from '../support/figures.ts'
import type { Violation } from '../support/oracle.ts'
import { createProbes } from '../support/probes.ts'
import type { Probes } from '../support/probes.ts'
import { childrenOf } from '../support/program.ts'
import type { Program } from '../support/program.ts'
import { keyOf, makeSchedule } from '../support/schedules.ts'
import type { Schedule } from '../support/schedules.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { everyoneRunsAfter, wronglyFailed } from './measure.ts'
import { closeBooks, extentOfSlots, slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const AHEAD_MS = 30_000
const HOUR_MS = 3_600_000
/** A process looks so often whether its clock is right. */
const NOTICED_MS = 11_000
/** What a job may be early by. */
const EARLY_MS = 500
const DELAYED = 40
const DELAY_MS = 30_000

const wanted = [
  { id: 'plain', everyMs: 2_000 },
  { id: 'plain-cron', everyMs: 3_000, as: 'cron' as const },
  ...[0, 1, 2].map((n) => ({ id: `spread-${n}`, everyMs: 3_000, more: { spread_ms: 25_000 } })),
  ...[0, 1].map((n) => ({ id: `jittered-${n}`, everyMs: 20_000, as: 'cron' as const, more: { jitter_ms: 19_000 } })),
]

interface Clocks {
  clocks: Record<'ahead' | 'jumps' | 'api', MachineClock>
  /** The fleets whose clocks are wrong from the start, and later. */
  ahead: Program
  jumps: Program
  /** Of the API whose clock is wrong. */
  askew: Probes
  schedules: Schedule[]
  books: Book[]
  /** Jobs that were asked for with a delay, and when they may run at the earliest. */
  delayed: Map<string, number>
}

export const f34 = fault<Stage & Clocks>({
  id: 'F34',
  title: 'clocks are half a minute off, jump ahead, and an hour back',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, { workers: 1 })
    const clocks = {
      ahead: createClock(ground, 'ahead', AHEAD_MS),
      jumps: createClock(ground, 'jumps', 0),
      api: createClock(ground, 'api', -AHEAD_MS),
    }
    const one = { K1N_WORKERS: '1' }
    const ahead = stage.launchFleet({ ...clocks.ahead.env, ...one })
    const jumps = await stage.startFleet({ ...clocks.jumps.env, ...one })
    const askew = createProbes(await stage.startApi(clocks.api.env))
    ground.onClose(async () => askew.stop())
    return Object.assign(stage, { clocks, ahead, jumps, askew, schedules: [], books: [], delayed: new Map() })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 20 })
    for (const one of wanted) stage.schedules.push(await makeSchedule(stage, one))
    await steady(stage)
    stage.probes.watch('/readyz', 500)
    stage.askew.watch('/readyz', 500)
    await rest(5_000)
  },
  async inject(stage) {
    await delay(stage)
    stage.clocks.jumps.set(AHEAD_MS)
    stage.mark('ahead')
    await rest(NOTICED_MS + 6_000)
    stage.clocks.jumps.set(0)
    stage.mark('right')
    await rest(5_000)
    stage.clocks.jumps.set(-HOUR_MS)
    stage.mark('back')
    await rest(NOTICED_MS + 6_000)
  },
  async heal(stage) {
    stage.mark('healed')
    stage.askew.stop()
    for (const clock of Object.values(stage.clocks)) clock.set(0)
    await until('the one that was ahead takes jobs', () => stage.ahead.ready, 10_000).catch(() => undefined)
    await rest(5_000)
    stage.books = await closeBooks(stage, stage.schedules)
  },
  oracle: (stage, evidence) => [
    ...slotsAreKept(evidence, stage.books, EARLY_MS),
    ...early(stage, evidence),
    ...idle(evidence, stage.ahead, 0, stage.at('healed')),
    ...idle(evidence, stage.jumps, stage.at('ahead') + NOTICED_MS, stage.at('right')),
    ...idle(evidence, stage.jumps, stage.at('back') + NOTICED_MS, stage.at('healed')),
    ...isNotReady(stage),
    ...wronglyFailed(evidence),
  ],
  figures: (stage, evidence) => [
    ...extentOfSlots(evidence, stage.books, { least: 50, passedMost: 0 }),
    {
      name: 'earliest before its time',
      value: inSeconds(Math.max(0, largest([...leads(stage, evidence)].map(([, ms]) => ms)))),
      unit: 's',
      most: EARLY_MS / 1_000,
    },
    {
      name: 'those whose clocks were wrong take jobs after',
      value: everyoneRunsAfter(evidence, [...pidsOf(stage.ahead), ...pidsOf(stage.jumps)], stage.at('healed')),
      unit: 's',
      most: 10,
    },
  ],
})

const pidsOf = ({ pid }: Program): number[] =>
  childrenOf(pid)
    .filter(({ command }) => command.includes('workers/child.ts'))
    .map((child) => child.pid)

/** Asks for jobs that are to run later. */
const delay = async ({ client, delayed }: Stage & Clocks): Promise<void> => {
  for (let n = 0; n < DELAYED; n++) {
    const key = `later-${n}`
    const body = { name: 'fault.work', id: key, data: { key, takes_ms: 20 }, options: { delay_ms: DELAY_MS } }
    delayed.set(key, Date.now() + DELAY_MS)
    const { status } = await client.call('POST', '/api/v2/jobs', body)
    if (status !== 201) throw new Error(`the job ${key} was not accepted: ${status}`)
  }
}

/** ms by which jobs ran before they might, by their key. */
const leads = ({ delayed, books }: Clocks, { executions }: Evidence): Map<string, number> => {
  const times = new Map(delayed)
  for (const { schedule, history } of books)
    for (const { id, planned_at } of history)
      if (planned_at !== null) times.set(keyOf(schedule.id, Number(id)), Date.parse(planned_at))
  return new Map(
    executions.flatMap(({ key, startedAt }) =>
      times.has(key) ? [[key, (times.get(key) ?? 0) - startedAt] as const] : [],
    ),
  )
}

const early = (stage: Clocks, evidence: Evidence): Violation[] => {
  const found = [...leads(stage, evidence)].filter(([, ms]) => ms > EARLY_MS)
  const [first] = found
  return first ? [broken(`${found.length} jobs ran too early, ${first[0]} by ${first[1]} ms`)] : []
}

/** A process whose clock is wrong takes no jobs. */
const idle = ({ executions }: Evidence, program: Program, from: number, to: number): Violation[] => {
  const pids = pidsOf(program)
  const wrong = executions.filter(({ pid, startedAt }) => pids.includes(pid) && startedAt >= from && startedAt < to)
  return wrong.length > 0 ? [broken(`${program.name} took ${wrong.length} jobs while its clock was wrong`)] : []
}

/** An API that would tell wrong times is not asked; one whose clock is right is. */
const isNotReady = ({ probes, askew }: Stage & Clocks): Violation[] => {
  const saysReady = (of: Probes): number => of.of('/readyz').filter(({ status }) => status === 200).length
  return [
    ...(askew.of('/readyz').length === 0 ? [broken('the API whose clock is wrong was never asked')] : []),
    ...(saysReady(askew) > 0
      ? [broken(`the API whose clock is ${AHEAD_MS / 1_000} s behind said ${saysReady(askew)} times that it is ready`)]
      : []),
    ...(saysReady(probes) === 0 ? [broken('the API whose clock is right is never ready')] : []),
  ]
}
