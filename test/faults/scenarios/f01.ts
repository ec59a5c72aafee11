// F01: a worker process is killed in the middle of its jobs, five times.
import { fault } from '../fault.ts'
import { inSeconds, largest } from '../support/figures.ts'
import type { Death, Evidence } from '../support/evidence.ts'
import { createStage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'

export const f01 = fault({
  id: 'F01',
  title: 'a worker is killed in the middle of its jobs, five times',
  lane: 'long',
  setup: async (ground) => Object.assign(await createStage(ground), { killed: [] as Death[] }),
  async load(stage) {
    await stage.startLoad({ job: workFor(400, 800), perSecond: 20 })
    await steady(stage)
  },
  async inject(stage) {
    for (let n = 0; n < 5; n++) {
      const { pid } = await until(
        'three workers run',
        () => stage.workers().length === 3 && stage.ground.chance.pick(stage.workers()),
      )
      stage.killed.push(stage.kill(pid))
      await rest(1_500)
    }
  },
  async heal() {
    // The supervisor has started others; locks of those that died run out by themselves.
  },
  oracle: () => [],
  figures(stage, evidence) {
    const recoveries = stage.killed.flatMap((death) => recoveriesAfter(evidence, death))
    return [
      { name: 'jobs cut off', value: recoveries.length, unit: '', least: 1 },
      { name: 'longest until a cut-off job ran again', value: inSeconds(largest(recoveries)), unit: 's', most: 40 },
    ]
  },
})

/** ms until each job that was cut off by a death ran again. */
export const recoveriesAfter = ({ executions }: Evidence, { pid, at }: Death): number[] =>
  executions
    .filter((run) => run.pid === pid && run.how === undefined && run.startedAt <= at)
    .map(({ id }) => (executions.find((run) => run.id === id && run.startedAt > at)?.startedAt ?? Infinity) - at)
