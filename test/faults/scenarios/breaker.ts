// What faults around a breaker do and measure in the same way.
import { broken } from '../fault.ts'
import { transitionsIn } from '../support/fake-service.ts'
import type { FakeService, Transition } from '../support/fake-service.ts'
import type { Violation } from '../support/oracle.ts'
import type { Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'
import type { Wanted } from '../support/producers.ts'

/** How long a process may go on calling after the fleet has opened, in ms. */
export const LAG_MS = 250

export interface BreakerStage extends Stage {
  service: FakeService
  transitions: Transition[]
}

export const callOf =
  ({ service }: { service: FakeService }) =>
  (key: string): Wanted => ({ name: 'fault.call', data: { key, port: service.port } })

/** Resolves when the breaker has changed into this state after a moment. */
export const untilState = (stage: Stage, state: string, after: number, limitMs = 20_000): Promise<Transition> =>
  until(
    `the breaker is ${state}`,
    async () => (await transitionsIn(stage)).find(({ at, to }) => to === state && at >= after),
    limitMs,
  )

/** A stretch in which the breaker was in one state. */
export interface Stretch {
  state: string
  from: number
  to: number
}

export const stretchesOf = (transitions: readonly Transition[]): Stretch[] =>
  transitions.map(({ at, to }, n) => ({ state: to, from: at, to: transitions[n + 1]?.at ?? Infinity }))

export const callsWithin = ({ calls }: FakeService, from: number, to: number): number =>
  calls.filter((at) => at >= from && at < to).length

/** No transition is lost or told twice: each begins where the one before it ended, under a generation of its own. */
export const isOneStory = (transitions: readonly Transition[]): Violation[] =>
  transitions.flatMap(({ from, to, generation }, n) => {
    const before = transitions[n - 1]
    if (before === undefined) return []
    if (from === before.to && from !== to && generation > before.generation) return []
    return [broken(`after ${before.to} (${before.generation}) came a change from ${from} to ${to} (${generation})`)]
  })
