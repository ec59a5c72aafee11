// F12: the machine loses power, at each of the two durability levels of one Redis.
import { fault } from '../fault.ts'
import { largest, round } from '../support/figures.ts'
import type { Ack, Evidence } from '../support/evidence.ts'
import { cannotLosePower, losePower, watchSyncs } from '../support/power.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { firstAckAfter, secondRuns, wronglyFailed } from './measure.ts'

/** What level `process` may lose: the acceptances of so many ms. */
const MAY_LOSE_MS = 2_000

const f12 = (fsync: 'everysec' | 'always', title: string) =>
  fault({
    id: 'F12',
    title,
    lane: 'long',
    cannotRun: cannotLosePower,
    async setup(ground) {
      const { env, log } = watchSyncs(ground.dir)
      const stage = await createStage(ground, { redis: { args: ['--appendfsync', fsync], env } })
      return Object.assign(stage, { log, bytes: 0 })
    },
    async load(stage) {
      await stage.startLoad({ job: workFor(20, 100), perSecond: 120, inFlight: 20 })
      await steady(stage)
      await rest(3_000)
    },
    async inject(stage) {
      await stage.redis.kill()
      stage.mark('lost')
      stage.bytes = losePower(stage.redis.dir, stage.log)
    },
    async heal(stage) {
      stage.mark('up')
      await stage.redis.restart()
      const back = stage.mark('back')
      // Starts and completions of the same time may be gone with the acceptances, also starts whose workers hear of them only
      // now; at level `disk` nothing is.
      if (fsync === 'everysec') stage.outages.push({ from: stage.at('lost') - MAY_LOSE_MS, to: back + 1_000 })
      await rest(3_000)
    },
    allowances: (stage) =>
      fsync === 'everysec'
        ? // An acceptance that was on its way to the producer when power went is heard only afterwards.
          { mayLose: ({ at }: Ack) => at >= stage.at('lost') - MAY_LOSE_MS && at <= stage.at('up') }
        : {},
    oracle: (_stage, evidence) => wronglyFailed(evidence),
    figures(stage, evidence) {
      const lost = lostAcks(evidence)
      const age = lost.length === 0 ? 0 : largest(lost.map(({ at }) => stage.at('lost') - at))
      return [
        { name: 'bytes that had not reached the disk', value: stage.bytes, unit: '' },
        { name: 'acceptances lost', value: lost.length, unit: '', ...(fsync === 'always' ? { most: 0 } : {}) },
        { name: 'age of the oldest', value: round(age), unit: 'ms', most: fsync === 'always' ? 0 : MAY_LOSE_MS },
        { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '' },
        { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('back')), unit: 's', most: 2 },
      ]
    },
  })

const lostAcks = ({ acks, jobs }: Evidence): Ack[] => {
  const held = new Set(jobs.map(({ id }) => id))
  return acks.filter((ack) => ack.told === 'accepted' && !held.has(ack.id))
}

export const f12EverySecond = f12('everysec', 'power is lost while Redis syncs every second (level process)')
export const f12Always = f12('always', 'power is lost while Redis syncs every write (level disk)')
