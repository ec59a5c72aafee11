// F13: Redis is down for fifteen seconds.
import { broken, fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import {
  firstAckAfter,
  firstRunAfter,
  readiness,
  refusals,
  refusalsAreHonest,
  secondRuns,
  staysAlive,
  wronglyFailed,
} from './measure.ts'

/** Requests that were under way when Redis went are answered within this time, in ms. */
const SETTLED_MS = 1_200

export const f13 = fault({
  id: 'F13',
  title: 'Redis is down for 15 s',
  lane: 'short',
  setup: (ground) => createStage(ground),
  async load(stage) {
    await stage.startLoad({ job: workFor(100, 400), perSecond: 30 })
    await steady(stage)
    stage.probes.watch('/livez', 50)
    for (const path of ['/readyz', '/api/v2/queues']) stage.probes.watch(path, 200)
  },
  async inject(stage) {
    stage.mark('down')
    await stage.redis.kill()
    await rest(15_000)
  },
  async heal(stage) {
    stage.mark('up')
    await stage.redis.restart()
    stage.mark('back')
    await rest(5_000)
  },
  oracle(stage, evidence) {
    const [from, to] = [stage.at('down') + SETTLED_MS, stage.at('up')]
    const read = stage.probes.of('/api/v2/queues', { from, to }).find(({ status }) => status !== 503 && status !== 200)
    return [
      ...staysAlive(stage),
      ...refusalsAreHonest(stage, from, to),
      ...(read ? [broken(`a read was answered ${read.status} while Redis was down`)] : []),
      ...(evidence.statuses.has(401) ? [broken('a valid key was answered 401')] : []),
      ...wronglyFailed(evidence),
    ]
  },
  figures: (stage, evidence) => [
    ...refusals(stage, stage.at('down') + SETTLED_MS, stage.at('up'), 50),
    ...readiness(stage, stage.at('down'), stage.at('back')),
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
    { name: 'first job fetched after', value: firstRunAfter(evidence, stage.at('back')), unit: 's', most: 2 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
