// F04: a deploy while jobs take longer than the time they are given to finish.
import { broken, fault } from '../fault.ts'
import { inSeconds, largest } from '../support/figures.ts'
import type { Evidence } from '../support/evidence.ts'
import { readExecutions } from '../support/ledger.ts'
import { createStage } from '../support/stage.ts'
import { until } from '../support/until.ts'
import { workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

export const f04 = fault({
  id: 'F04',
  title: 'a worker is replaced while its jobs take longer than they are given',
  lane: 'long',
  setup: async (ground) =>
    Object.assign(await createStage(ground, { workers: 2, concurrency: 20, graceMs: 2_000 }), {
      stopped: [] as number[],
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(10_000, 10_000, 0), perSecond: 1, inFlight: 1, newcomers: false })
    const running = () => readExecutions(stage.ledgers.executions).filter(({ how }) => how === undefined)
    await until(
      'both processes have jobs',
      () => running().length >= 8 && new Set(running().map(({ pid }) => pid)).size === 2,
    )
  },
  async inject(stage) {
    const { pid } = stage.ground.chance.pick(stage.workers())
    stage.stopped.push(pid)
    process.kill(pid, 'SIGTERM')
    const stopped = () => !stage.workers().some((worker) => worker.pid === pid)
    await until('the process has stopped', stopped, 10_000)
    await until('another took its place', () => stage.workers().length === 2, 10_000)
  },
  async heal() {
    // Nothing to mend.
  },
  oracle(stage, evidence) {
    const cut = evidence.executions.filter(({ pid, how }) => stage.stopped.includes(pid) && how === undefined)
    const burned = moves(stage.stopped, evidence).filter(
      ({ before, after }) => after && after.attempt !== before.attempt,
    )
    return [
      ...cut.map(({ id }) => broken(`${id} was cut off and not put back`)),
      ...burned.map(({ before }) => broken(`${before.id} lost an attempt by being put back`)),
      ...wronglyFailed(evidence),
    ]
  },
  figures(stage, evidence) {
    const delays = moves(stage.stopped, evidence).map(
      ({ before, after }) => (after?.startedAt ?? Infinity) - (before.endedAt ?? 0),
    )
    return [
      { name: 'jobs put back', value: delays.length, unit: '', least: 1 },
      { name: 'longest until one ran again', value: inSeconds(largest(delays)), unit: 's', most: 1 },
    ]
  },
})

/** Runs that were put back, each with the run that followed. */
const moves = (pids: readonly number[], { executions }: Evidence) =>
  executions
    .filter(({ pid, how }) => pids.includes(pid) && how === 'aborted')
    .map((before) => ({
      before,
      after: executions.find(({ id, startedAt }) => id === before.id && startedAt > before.startedAt),
    }))
