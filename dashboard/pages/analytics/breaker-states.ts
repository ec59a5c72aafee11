// The services that got no calls for a time: the worst of them, and what there is to say about all.
import type { Breaker, BreakerTimeline } from '../../../shared/breakers/contract.ts'
import { csvText } from '../../charts/table.ts'
import { duration } from '../../ui/format.ts'
import { isHolding } from '../breakers/model.ts'
import { segmentsOf, type Segment, type Span } from '../breakers/strip.ts'

export interface Strip {
  service: string
  segments: Segment[]
  heldMs: number
}

export const WORST = 12

const heldIn = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { from, to, state }) => sum + (isHolding(state) ? to - from : 0), 0)

type Pieces = BreakerTimeline['services']

/** The services told of, brought up to now by what is known live, and those that keep calls back now; the worst first. A span
 *  that has ended stays as it was told. */
export const worstOf = (told: Pieces, breakers: ReadonlyMap<string, Breaker>, span: Span, isLive: boolean): Strip[] => {
  const holding = isLive ? [...breakers.values()].filter(({ state }) => isHolding(state)) : []
  const names = new Set([...told.map(({ service }) => service), ...holding.map(({ service }) => service)])
  return [...names]
    .map((service): Strip => {
      const pieces = told.find((one) => one.service === service)?.pieces ?? []
      const breaker = isLive ? breakers.get(service) : undefined
      const segments = breaker ? segmentsOf(pieces, breaker, span) : asTold(pieces)
      return { service, segments, heldMs: heldIn(segments) }
    })
    .filter(({ heldMs }) => heldMs > 0)
    .sort((a, b) => b.heldMs - a.heldMs)
    .slice(0, WORST)
}

const asTold = (pieces: Pieces[number]['pieces']): Segment[] =>
  pieces.map(({ from, to, state }) => ({ from: Date.parse(from), to: Date.parse(to), state }))

export const readingOf = (strips: readonly Strip[], span: string): string => {
  const [worst] = strips
  if (!worst) return `Every service got its calls ${span}.`
  const now = strips.filter(({ segments }) => isHolding(segments.at(-1)?.state ?? 'closed')).length
  const who = strips.length === 1 ? `${worst.service} got no calls for ${duration(whole(worst.heldMs))}` : `${strips.length} services got no calls for a time, ${worst.service} the longest: ${duration(whole(worst.heldMs))}` // prettier-ignore
  const still = now === 0 ? 'All get them again.' : `${now} ${now === 1 ? 'is' : 'are'} held back now.`
  return `${who}. ${still}`
}

/** Whole seconds do not flicker. */
const whole = (ms: number): number => Math.floor(ms / 1_000) * 1_000

/** The states with their times, as a file. */
export const csvOf = (strips: readonly Strip[]): string =>
  csvText([
    ['service', 'state', 'from', 'to', 'seconds'],
    ...strips.flatMap(
      ({ service, segments }) =>
      segments.map(({ state, from, to }) => [service, state, new Date(from).toISOString(), new Date(to).toISOString(), (to - from) / 1_000]), // prettier-ignore
    ),
  ])
