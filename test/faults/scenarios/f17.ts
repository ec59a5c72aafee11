// F17: every connection to Redis goes silent: bytes vanish for ever, and neither side is told.
import { broken, fault } from '../fault.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { everyoneRunsAfter, firstAckAfter, firstFactAfter, staysAlive, wronglyFailed } from './measure.ts'

export const f17 = fault({
  id: 'F17',
  title: 'every connection to Redis goes silent for ever',
  lane: 'long',
  setup: async (ground) => Object.assign(await createStage(ground), { pids: [] as number[], lost: 0 }),
  async load(stage) {
    await stage.startLoad({ job: workFor(100, 400), perSecond: 30 })
    await steady(stage)
    stage.probes.watch('/livez', 250)
  },
  async inject(stage) {
    stage.pids = stage.workers().map(({ pid }) => pid)
    stage.mark('lost')
    stage.lost = stage.proxy.lose()
    await rest(20_000)
  },
  async heal() {
    // The silent connections stay silent; whoever wants to go on opens new ones.
    await rest(5_000)
  },
  oracle: (stage, evidence) => [
    ...(stage.workers().every(({ pid }) => stage.pids.includes(pid))
      ? []
      : [broken('a worker process had to be replaced')]),
    ...staysAlive(stage),
    ...wronglyFailed(evidence),
  ],
  figures: (stage, evidence) => [
    { name: 'connections lost', value: stage.lost, unit: '', least: 5 },
    { name: 'API accepts again after', value: firstAckAfter(stage, stage.at('lost')), unit: 's', most: 16 },
    {
      name: 'every worker fetches again after',
      value: everyoneRunsAfter(evidence, stage.pids, stage.at('lost')),
      unit: 's',
      most: 16,
    },
    { name: 'the stream tells again after', value: firstFactAfter(stage, stage.at('lost')), unit: 's', most: 16 },
  ],
})
