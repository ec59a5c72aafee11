// F18: every connection to Redis is reset every three seconds.
import { fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { firstAckAfter, secondRuns, wronglyFailed } from './measure.ts'

export const f18 = fault({
  id: 'F18',
  title: 'every connection to Redis is reset every 3 s',
  lane: 'long',
  setup: async (ground) => Object.assign(await createStage(ground), { cut: 0 }),
  async load(stage) {
    await stage.startLoad({ job: workFor(50, 200), perSecond: 60 })
    await steady(stage)
  },
  async inject(stage) {
    for (let n = 0; n < 6; n++) {
      stage.cut += stage.proxy.cut()
      await rest(3_000)
    }
  },
  async heal(stage) {
    stage.mark('back')
    await rest(2_000)
  },
  oracle: (_stage, evidence) => wronglyFailed(evidence),
  figures: (stage, evidence) => [
    { name: 'connections reset', value: stage.cut, unit: '', least: 30 },
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
