// The states of a breaker over time as pieces of a strip, brought up to now by what is known live.
import type { Breaker, BreakerTimeline } from '../../../shared/breakers/contract.ts'
import { duration } from '../../ui/format.ts'
import { isHolding } from './model.ts'

export interface Segment {
  from: number
  to: number
  state: Breaker['state']
}
type Piece = BreakerTimeline['services'][number]['pieces'][number]
export type Span = Pick<Segment, 'from' | 'to'>

/** The pieces of a span, oldest first, ending with the state as it is. `pieces` may be older than `breaker`, or none where it
 *  did not change. */
export const segmentsOf = (
  pieces: readonly Piece[],
  breaker: Pick<Breaker, 'state' | 'since'>,
  span: Span,
): Segment[] => {
  const past = pieces.map(({ from, to, state }) => ({ from: Date.parse(from), to: Date.parse(to), state }))
  const last = past.at(-1)
  const since = breaker.since === null ? span.from : Date.parse(breaker.since)
  const begins = last?.state === breaker.state ? last.from : Math.max(since, last?.from ?? since)
  return [
    ...past.slice(0, -1),
    ...(last ? [{ ...last, to: begins }] : []),
    { from: begins, to: span.to, state: breaker.state },
  ]
    .map(({ from, to, state }) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to), state }))
    .filter(({ from, to }) => to > from)
}

const total = (segments: readonly Segment[]): number => segments.reduce((sum, { from, to }) => sum + to - from, 0)

/** What the strip tells, in a sentence; `when` is "in the last 15 m" and the like. */
export const stripWords = (segments: readonly Segment[], when: string): string => {
  const held = segments.filter(({ state }) => isHolding(state))
  if (held.length === 0) return `Let all calls through ${when}.`
  const times = segments.filter(
    ({ state }, i) => isHolding(state) && !isHolding(segments[i - 1]?.state ?? 'closed'),
  ).length
  const often = times === 1 ? 'once' : `${times} times`
  return `Kept calls back ${often}, ${duration(total(held))} in all, ${when}.`
}

/** How high a state is drawn: closed thin, half-open half, open full. */
export const heightOf: Record<Breaker['state'], 'thin' | 'half' | 'full'> = {
  closed: 'thin',
  forced_closed: 'thin',
  disabled: 'thin',
  half_open: 'half',
  open: 'full',
  forced_open: 'full',
}
