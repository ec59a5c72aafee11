// F45: Redis is killed and started again while a breaker is open, while it is being probed, and after it has closed.
import { broken, fault } from '../fault.ts'
import { SERVICE } from '../programs/catalog.ts'
import { startFakeService, transitionsIn } from '../support/fake-service.ts'
import type { Transition } from '../support/fake-service.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { callOf, callsWithin, isOneStory, stretchesOf, untilState } from './breaker.ts'
import type { BreakerStage } from './breaker.ts'
import { steady } from './load.ts'
import { wronglyFailed } from './measure.ts'

const WORKERS = 4
const PROBES = 3
const AWAY_MS = 1_000
const USUAL_MS = 14_000

interface Marks {
  pids: number[]
  /** How often a state was the same after a restart. */
  kept: number
}

export const f45 = fault<BreakerStage & Marks>({
  id: 'F45',
  title: 'Redis is killed and started again around an open breaker',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, { workers: WORKERS, concurrency: 5 })
    const service = await startFakeService(stage, {
      window: { type: 'count', size: 40 },
      ...{ open_ms: 5_000, open_max_ms: 5_000, jitter: 0, half_open_max: PROBES, probe_lease_ms: 5_000 },
    })
    return Object.assign(stage, { service, transitions: [], pids: [], kept: 0 })
  },
  async load(stage) {
    await stage.startLoad({ job: callOf(stage), perSecond: 30 })
    await steady(stage)
    await rest(USUAL_MS)
    stage.pids = pidsOf(stage)
  },
  async inject(stage) {
    const { service } = stage
    service.isUp = false
    const opened = await untilState(stage, 'open', Date.now())
    await restart(stage)
    if (await isStill(stage, opened)) stage.kept++
    // The next time it goes down as probes go out.
    const { at } = await untilState(stage, 'half_open', opened.at + 1)
    await restart(stage)
    await untilState(stage, 'open', at)
    service.isUp = true
    const closed = await untilState(stage, 'closed', at, 30_000)
    await restart(stage)
    if (await isStill(stage, closed)) stage.kept++
  },
  async heal(stage) {
    stage.transitions = await transitionsIn(stage)
  },
  allowances: () => ({ attemptsMax: 20 }),
  oracle: (stage, evidence) => [
    ...isOneStory(stage.transitions),
    ...(pidsOf(stage).join() === stage.pids.join() ? [] : [broken('a worker process had to be replaced')]),
    ...wronglyFailed(evidence),
  ],
  figures({ service, transitions, kept }) {
    const stretches = stretchesOf(transitions)
    const probes = stretches
      .filter(({ state }) => state === 'half_open')
      .map(({ from, to }) => callsWithin(service, from, to))
    return [
      { name: 'transitions', value: transitions.length, unit: '', least: 5 },
      { name: 'states kept over a restart', value: kept, unit: '', least: 2 },
      // Without Redis each process sends one probe of its own.
      { name: 'calls in one half-open period, most', value: Math.max(...probes), unit: '', most: PROBES + WORKERS },
    ]
  },
})

const pidsOf = (stage: Stage): number[] => stage.workers().map(({ pid }) => pid)

const restart = async (stage: Stage): Promise<void> => {
  await stage.redis.kill()
  await rest(AWAY_MS)
  await stage.redis.restart()
}

/** Whether the API tells the state that was told before, by its generation. */
const isStill = async (stage: Stage, { to, generation }: Transition): Promise<boolean> => {
  const path = `/api/v2/error-recovery/circuit-breaker/${SERVICE}`
  const { body } = await until('the API tells of the breaker', async () => {
    const answer = await stage.client.call('GET', path)
    return answer.status === 200 && answer
  })
  return body['state'] === to && body['generation'] === generation
}
