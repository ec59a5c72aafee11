// F14: Redis hangs for eight seconds: it takes connections and requests and answers nothing.
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

export const f14 = fault({
  id: 'F14',
  title: 'Redis hangs for 8 s',
  lane: 'long',
  setup: (ground) => createStage(ground),
  async load(stage) {
    await stage.startLoad({ job: workFor(100, 400), perSecond: 30 })
    await steady(stage)
    stage.probes.watch('/livez', 50)
    stage.probes.watch('/readyz', 200)
  },
  async inject(stage) {
    stage.mark('hung')
    await stage.redis.pause()
    await rest(8_000)
  },
  async heal(stage) {
    await stage.redis.resume()
    stage.mark('back')
    await rest(5_000)
  },
  oracle(stage, evidence) {
    const [from, to] = [stage.at('hung'), stage.at('back')]
    const unsure = (stage.producers?.tried ?? []).filter(({ code }) => code === 'outcome-unknown')
    return [
      ...staysAlive(stage),
      ...refusalsAreHonest(stage, from, to),
      ...(unsure.length > 0 ? [] : [broken('no write was told that its outcome is unknown, although Redis hung')]),
      ...wronglyFailed(evidence),
    ]
  },
  figures: (stage, evidence) => [
    ...refusals(stage, stage.at('hung'), stage.at('back'), 1_100),
    ...readiness(stage, stage.at('hung'), stage.at('back')),
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
    { name: 'first job fetched after', value: firstRunAfter(evidence, stage.at('back')), unit: 's', most: 2 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
