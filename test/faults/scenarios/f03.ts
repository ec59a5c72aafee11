// F03: a rolling deploy: every process is replaced in turn, twelve times, under load.
import { broken, fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import type { Exit } from '../support/program.ts'
import { steady, workFor } from './load.ts'
import { secondRuns, wronglyFailed } from './measure.ts'

export const f03 = fault({
  id: 'F03',
  title: 'a rolling deploy: workers are replaced ten times, the API twice',
  lane: 'long',
  setup: async (ground) => Object.assign(await createStage(ground, { workers: 1, fleets: 2 }), { exits: [] as Exit[] }),
  async load(stage) {
    await stage.startLoad({ job: workFor(400, 600), perSecond: 15 })
    await steady(stage)
  },
  async inject(stage) {
    for (let n = 0; n < 10; n++) {
      const [oldest] = stage.fleets
      if (oldest) stage.exits.push(await oldest.stop())
      await stage.startFleet()
      if (n % 5 === 2) stage.exits.push(await stage.replaceApi())
    }
  },
  async heal() {
    // A deploy leaves nothing to mend.
  },
  oracle(stage, evidence) {
    const bad = stage.exits.filter(({ code }) => code !== 0)
    const again = secondRuns(evidence)
    return [
      ...bad.map(({ code, signal }) => broken(`a process that was asked to stop ended with ${signal ?? code}`)),
      ...again
        .slice(0, 3)
        .map(({ id, how }) => broken(`${id} ran twice although it had time to end (${how ?? 'cut off'})`)),
      ...wronglyFailed(evidence),
    ]
  },
  figures: (stage, evidence) => [
    { name: 'processes replaced', value: stage.exits.length, unit: '', least: 12 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
