// F19: answers of Redis are lost on their way; what was asked of it is done all the same.
import { broken, fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { secondRuns, wronglyFailed } from './measure.ts'

export const f19 = fault({
  id: 'F19',
  title: "Redis's answers are lost, what it was asked is done",
  lane: 'short',
  // A job whose fetch was answered into the void waits for its lock to run out; with 30 s this would take a minute.
  setup: async (ground) =>
    Object.assign(await createStage(ground, { locks: { lockDuration: 12_000, stalledInterval: 1_000 } }), {
      swallowed: 0,
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(50, 200), perSecond: 60 })
    await steady(stage)
  },
  async inject(stage) {
    for (let n = 0; n < 4; n++) {
      stage.proxy.set({ is: 'swallow', direction: 'to_client' })
      await rest(stage.ground.chance.whole(300, 1_200))
      stage.proxy.heal()
      await rest(2_000)
    }
    stage.swallowed = stage.proxy.lost
  },
  heal: () => rest(1_000),
  oracle(stage, evidence) {
    const unsure = (stage.producers?.tried ?? []).filter(({ code }) => code === 'outcome-unknown')
    return [
      ...(unsure.length > 0
        ? []
        : [broken('no write was told that its outcome is unknown, although answers were lost')]),
      ...wronglyFailed(evidence),
    ]
  },
  figures(stage, evidence) {
    const unsure = (stage.producers?.tried ?? []).filter(({ code }) => code === 'outcome-unknown').length
    const keys = new Set(evidence.jobs.map(({ key }) => key))
    return [
      { name: 'bytes of answers lost', value: stage.swallowed, unit: '', least: 100 },
      { name: 'outcomes unknown', value: unsure, unit: '', least: 1 },
      { name: 'jobs there twice', value: evidence.jobs.length - keys.size, unit: '', most: 0 },
      { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
    ]
  },
})
