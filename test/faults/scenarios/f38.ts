// F38: a breaker storm: eight processes call a service that goes down and comes back again and again.
import { fault } from '../fault.ts'
import { startFakeService, transitionsIn } from '../support/fake-service.ts'
import { createStage } from '../support/stage.ts'
import { rest } from '../support/until.ts'
import { LAG_MS, callOf, callsWithin, isOneStory, stretchesOf, untilState } from './breaker.ts'
import type { BreakerStage } from './breaker.ts'
import { steady } from './load.ts'
import { wronglyFailed } from './measure.ts'

const FLIPS = 3
const PROBES = 3
/** A service of which nobody knows how often it is usually called comes back faster than this: so nothing is left to wait for. */
const PER_S = 20

export const f38 = fault<BreakerStage>({
  id: 'F38',
  title: 'a breaker storm: eight processes, and a service that flips',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, { workers: 8, concurrency: 5 })
    const service = await startFakeService(stage, {
      window: { type: 'count', size: 40 },
      ...{ open_ms: 1_000, open_max_ms: 2_000, jitter: 0, half_open_max: PROBES },
    })
    return Object.assign(stage, { service, transitions: [] })
  },
  async load(stage) {
    await stage.startLoad({ job: callOf(stage), perSecond: PER_S })
    await steady(stage)
  },
  async inject(stage) {
    for (let n = 0; n < FLIPS; n++) {
      stage.service.isUp = false
      await untilState(stage, 'open', Date.now())
      await rest(2_000)
      const upAt = Date.now()
      stage.service.isUp = true
      await untilState(stage, 'closed', upAt)
      await rest(1_000)
    }
  },
  async heal(stage) {
    stage.transitions = await transitionsIn(stage)
  },
  allowances: () => ({ attemptsMax: 20 }),
  oracle: ({ transitions }, evidence) => [...isOneStory(transitions), ...wronglyFailed(evidence)],
  figures({ service, transitions }) {
    const stretches = stretchesOf(transitions)
    const open = stretches.filter(({ state }) => state === 'open')
    const halfOpen = stretches.filter(({ state }) => state === 'half_open')
    const tripped = transitions.filter(({ from, to }) => from === 'closed' && to === 'open').map(({ at }) => at)
    const excess = tripped.map((at) => callsWithin(service, at, at + LAG_MS))
    // What G6 allows: as many calls as were made in as long before it opened, and those that end a slot's wait.
    const bound = tripped.map((at) => callsWithin(service, at - 4 * LAG_MS, at) / 4)
    const late = open.map(({ from, to }) => callsWithin(service, from + LAG_MS, to))
    const probes = halfOpen.map(({ from, to }) => callsWithin(service, from, to))
    return [
      { name: 'times it opened', value: tripped.length, unit: '', least: FLIPS },
      { name: 'times it was probed', value: halfOpen.length, unit: '', least: FLIPS },
      {
        name: 'calls within 250 ms of opening, most',
        value: Math.max(...excess),
        unit: '',
        most: Math.ceil(Math.max(...bound)),
      },
      { name: 'calls later than that while it was open', value: sum(late), unit: '', most: 0 },
      { name: 'calls in one half-open period, most', value: Math.max(...probes), unit: '', most: PROBES },
    ]
  },
})

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
