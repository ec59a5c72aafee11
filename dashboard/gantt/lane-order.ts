// Which of two lanes stands above the other.
import type { Lane } from './lane.ts'
import { FAILED, RETRYING, STALLED } from './spans.ts'

export const orders = ['trouble', 'name', 'load'] as const
export type LaneOrder = (typeof orders)[number]

const count = (lane: Lane, state: number): number => lane.states[state] ?? 0
const byName = (one: Lane, other: Lane): number => (one.label < other.label ? -1 : 1)
const byLoad = (one: Lane, other: Lane): number => other.load - one.load || byName(one, other)
const lost = (lane: Lane): number => count(lane, FAILED) + count(lane, STALLED)

export const comparing: Record<LaneOrder, (one: Lane, other: Lane) => number> = {
  trouble: (one, other) =>
    lost(other) - lost(one) || count(other, RETRYING) - count(one, RETRYING) || byName(one, other),
  name: byName,
  load: byLoad,
}
