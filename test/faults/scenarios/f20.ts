// F20: one worker of three is cut off for fifteen seconds, and what it had sent arrives late.
import { broken, fault } from '../fault.ts'
import { readExecutions } from '../support/ledger.ts'
import { startProxy } from '../support/proxy.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { everyoneRunsAfter, secondRuns, wronglyFailed } from './measure.ts'

const CUT_MS = 15_000

export const f20 = fault({
  id: 'F20',
  title: 'one worker of three is cut off for 15 s, and what it sent arrives late',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, { workers: 2 })
    const network = await startProxy(stage.redis.port)
    ground.onClose(() => network.close())
    const others = pidsOf(stage)
    await stage.startFleet({ REDIS_URL: network.url, K1N_WORKERS: '1' })
    const [far = 0] = pidsOf(stage).filter((pid) => !others.includes(pid))
    return Object.assign(stage, { network, far, active: 0, held: 0 })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(100, 600), perSecond: 30 })
    await steady(stage)
  },
  async inject(stage) {
    stage.active = runningIn(stage, stage.far)
    const from = stage.mark('cut')
    stage.network.set({ is: 'stall' })
    await rest(CUT_MS)
    stage.held = stage.network.held
    // What ran there meanwhile, and what it had just finished, may have been given to another.
    stage.outages.push({ from, to: Date.now() + 1_000 })
  },
  async heal(stage) {
    stage.mark('back')
    stage.network.heal()
    await rest(5_000)
  },
  oracle: (stage, evidence) => [
    ...(pidsOf(stage).includes(stage.far) ? [] : [broken('the worker that was cut off had to be replaced')]),
    ...wronglyFailed(evidence),
  ],
  figures(stage, evidence) {
    const between = ({ startedAt }: { startedAt: number }): boolean =>
      startedAt >= stage.at('cut') && startedAt < stage.at('back')
    const elsewhere = evidence.executions.filter((run) => run.pid !== stage.far && between(run))
    return [
      { name: 'jobs active there when it was cut off', value: stage.active, unit: '', least: 1 },
      { name: 'bytes held back', value: stage.held, unit: '', least: 100 },
      // Those it had just fetched count as active too: as many as it has slots.
      { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: SLOTS },
      { name: 'jobs run by the others meanwhile', value: elsewhere.length, unit: '', least: 200 },
      {
        name: 'it fetches again after',
        value: everyoneRunsAfter(evidence, [stage.far], stage.at('back')),
        unit: 's',
        most: 5,
      },
    ]
  },
})

/** Jobs one process runs at once. */
const SLOTS = 10

const pidsOf = (stage: Stage): number[] => stage.workers().map(({ pid }) => pid)

const runningIn = (stage: Stage, pid: number): number =>
  readExecutions(stage.ledgers.executions).filter((run) => run.pid === pid && run.how === undefined).length
