// F11: Redis is killed and started again at once.
import { fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { firstAckAfter, firstRunAfter, secondRuns, wronglyFailed } from './measure.ts'

export const f11 = fault({
  id: 'F11',
  title: 'Redis is killed and started again',
  lane: 'long',
  setup: (ground) => createStage(ground),
  async load(stage) {
    await stage.startLoad({ job: workFor(100, 400), perSecond: 40 })
    await steady(stage)
  },
  async inject(stage) {
    await stage.redis.kill()
    await rest(1_000)
    await stage.redis.restart()
    stage.mark('back')
  },
  heal: () => rest(5_000),
  oracle: (_stage, evidence) => wronglyFailed(evidence),
  figures: (stage, evidence) => [
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
    { name: 'first job fetched after', value: firstRunAfter(evidence, stage.at('back')), unit: 's', most: 2 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
