// F15: Redis is frozen for longer than a lock lasts.
import { fault } from '../fault.ts'
import { readExecutions } from '../support/ledger.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { firstAckAfter, secondRuns, staysAlive, wronglyFailed } from './measure.ts'

/** Three processes with ten slots each. */
const SLOTS = 30

export const f15 = fault({
  id: 'F15',
  title: 'Redis is frozen for 35 s, longer than a lock lasts',
  lane: 'long',
  setup: async (ground) => Object.assign(await createStage(ground), { active: 0 }),
  async load(stage) {
    await stage.startLoad({ job: workFor(500, 1_000), perSecond: 15, patienceMs: 60_000 })
    await steady(stage)
    stage.probes.watch('/livez', 250)
  },
  async inject(stage) {
    stage.active = readExecutions(stage.ledgers.executions).filter(({ how }) => how === undefined).length
    const from = stage.mark('frozen')
    await stage.redis.pause()
    await rest(35_000)
    // A job fetched just before, whose lock ran out on the way to its worker, begins only when Redis answers again.
    stage.outages.push({ from, to: Date.now() + 1_000 })
  },
  async heal(stage) {
    await stage.redis.resume()
    stage.mark('back')
    await rest(2_000)
  },
  oracle: (stage, evidence) => [...staysAlive(stage), ...wronglyFailed(evidence)],
  figures: (stage, evidence) => [
    { name: 'jobs active when it froze', value: stage.active, unit: '', least: 1 },
    // Those that had just been fetched or had just ended count as active too: as many as there are slots.
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: SLOTS },
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
  ],
})
