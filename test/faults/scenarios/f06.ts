// F06: jobs that kill the process they run in: by exit, by a segmentation fault, by filling the heap.
import { fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import type { Culprit } from './culprits.ts'
import { isPunished, plant, untilDead } from './culprits.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

export const f06 = fault({
  id: 'F06',
  title: 'jobs kill their process: exit, segmentation fault, full heap',
  lane: 'short',
  // Each culprit costs two locks that run out; with those of 30 s that would take longer than a fault may.
  setup: async (ground) =>
    Object.assign(await createStage(ground, { locks: { lockDuration: 8_000, stalledInterval: 1_000 } }), {
      culprits: [] as Culprit[],
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(200, 500), perSecond: 15 })
    await steady(stage)
  },
  async inject(stage) {
    for (const how of ['exit', 'segfault', 'heap']) stage.culprits.push(await plant(stage, 'fault.crash', how, { how }))
  },
  heal: (stage) => untilDead(stage, stage.culprits, 50_000),
  allowances: () => ({ expectedNoise: /heap out of memory/ }),
  oracle: ({ culprits }, evidence) => [
    ...culprits.flatMap((culprit) => isPunished(evidence, culprit, 'poison', 2)),
    ...wronglyFailed(
      evidence,
      culprits.map(({ id }) => id),
    ),
  ],
  figures(stage, evidence) {
    const isInnocent = (id: string): boolean => !stage.culprits.some((culprit) => culprit.id === id)
    const cut = evidence.executions.filter(({ id, how }) => how === undefined && isInnocent(id))
    return [
      {
        name: 'processes killed',
        value: new Set(evidence.deaths.map(({ pid }) => pid)).size,
        unit: '',
        least: 3,
        most: 6,
      },
      { name: 'innocents cut off', value: cut.length, unit: '' },
      {
        name: 'innocents failed',
        value: wronglyFailed(
          evidence,
          stage.culprits.map(({ id }) => id),
        ).length,
        unit: '',
        most: 0,
      },
    ]
  },
})
