// The states of breakers over time: changes become pieces with true durations.
import { toIso } from '../kernel/clock.ts'
import type { BreakerTimeline } from './contract.ts'
import type { PastChange } from './store.ts'
import { letsThrough } from './policy.ts'
import type { BreakerState } from './words.ts'

export type Piece = BreakerTimeline['services'][number]['pieces'][number]

export interface Span {
  from: number
  to: number
}

/** The pieces of one breaker within a span, oldest first. `past` are its changes in order, with one from before the span where
 *  there is one; `now` is the state of a breaker that never changed. */
export const piecesOf = (past: readonly PastChange[], now: BreakerState, { from, to }: Span): Piece[] => {
  const before = past.findLast(({ at }) => at <= from)
  const within = past.filter(({ at }) => at > from && at < to)
  const states = [
    { at: from, state: before?.to ?? past.find(({ at }) => at > from)?.from ?? now },
    ...within.map((change) => ({ at: change.at, state: change.to })),
  ]
  const kept = states.filter(({ state }, i) => state !== states[i - 1]?.state)
  return kept.map(({ at, state }, i) => {
    const end = kept[i + 1]?.at ?? to
    return { from: toIso(at), to: toIso(end), duration_ms: end - at, state }
  })
}

/** How long a breaker kept calls from its service, in ms. */
export const heldMs = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { state, duration_ms }) => sum + (letsThrough(state) ? 0 : duration_ms), 0)

export const PIECES_MAX = 600
export const WORST = 12

/** The worst services first, with the newest pieces of each where there are too many in all. */
export const toTimeline = (
  services: readonly { service: string; pieces: readonly Piece[] }[],
  { from, to }: Span,
  most: number,
): BreakerTimeline => {
  const worst = services.toSorted((a, b) => heldMs(b.pieces) - heldMs(a.pieces)).slice(0, most)
  const each = Math.floor(PIECES_MAX / Math.max(1, worst.length))
  return {
    from: toIso(from),
    to: toIso(to),
    services: worst.map(({ service, pieces }) => ({ service, pieces: pieces.slice(-each) })),
    truncated:
      services.length > worst.length ||
      worst.some(({ pieces }) => pieces.length > each || Date.parse(pieces[0]?.from ?? '') > from),
  }
}
