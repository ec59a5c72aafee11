// What other limits would have done: the last hour's calls, slot by slot, against a configuration.
import { toIso } from '../kernel/clock.ts'
import { NO_CALLS, bucketEnd, joined } from './calls.ts'
import type { Tally } from './calls.ts'
import type { WhatIf } from './contract.ts'
import { HISTORY_SLOT_MS } from './history.ts'
import type { HistorySlot } from './history.ts'
import { openMs } from './policy.ts'
import { verdictOn } from './window.ts'
import type { BreakerConfig, ChangeReason } from './words.ts'

export type Replayed = WhatIf['proposed']

const HOUR_MS = 3_600_000

/** The calls of the hour before a moment against the limits as they are, and as they are proposed. */
export const compare = (
  service: string,
  slots: readonly HistorySlot[],
  current: BreakerConfig,
  proposed: BreakerConfig,
  to: number,
): WhatIf => {
  const estimated = proposed.slow_call_ms !== current.slow_call_ms
  const offers = offersOf(slots, estimated ? proposed.slow_call_ms : undefined)
  const sum = (of: (offer: Offer) => number): number => offers.reduce((total, offer) => total + of(offer), 0)
  const calls = sum(({ tally }) => tally.calls)
  return {
    service,
    from: toIso(to - HOUR_MS),
    to: toIso(to),
    resolution_ms: HISTORY_SLOT_MS,
    calls,
    failures: sum(({ tally }) => tally.failures),
    slow_calls: sum(({ tally }) => tally.slow),
    slow_calls_estimated: estimated,
    refused_calls: sum(({ offered }) => offered) - calls,
    current: replay(offersOf(slots, undefined), current, to),
    proposed: replay(offers, proposed, to),
  }
}

/** Open periods without chance: the middle of what jitter could make. */
const NO_CHANCE = 0.5
const PERIODS_TOLD = 100

/** One slot as it is replayed: what happened in it, and how many wanted to call. */
interface Offer {
  at: number
  tally: Tally
  offered: number
}

type Period = Replayed['periods'][number]
interface Replay {
  config: BreakerConfig
  state: { name: 'closed' } | { name: 'open'; until: number } | { name: 'half_open' }
  opens: number
  window: Offer[]
  run: number
  /** Share of calls that went wrong when the service was last heard of. */
  badness: number
  openedAt: number
  done: { opened: number; open_ms: number; refused_calls: number; periods: Period[] }
}

/** How many calls of a slot were slow by another limit: durations are kept in doublings, so within one it is an estimate. */
const slowBy = (durations: HistorySlot['durations'], slowMs: number): number => {
  let slow = 0
  for (const [bucket, count] of durations) {
    const end = bucketEnd(bucket)
    const start = bucket === 0 ? 0 : end / 2
    slow += count * Math.min(1, Math.max(0, (end - slowMs) / (end - start)))
  }
  return Math.round(slow)
}

const toOffer = ({ n, tally, refused, durations }: HistorySlot, slowMs: number | undefined): Offer => ({
  at: n * HISTORY_SLOT_MS,
  tally: slowMs === undefined ? tally : { ...tally, slow: slowBy(durations, slowMs) },
  offered: tally.calls + refused,
})

/** The slots against a configuration. `slowMs` is given where it is not the limit the calls were judged by. */
export const offersOf = (slots: readonly HistorySlot[], slowMs: number | undefined): Offer[] =>
  slots.map((slot) => toOffer(slot, slowMs))

/** Replays; `to` is when the replay ends, for a breaker that would be open then. */
export const replay = (offers: readonly Offer[], config: BreakerConfig, to: number): Replayed => {
  const work: Replay = {
    config,
    state: { name: 'closed' },
    opens: 0,
    window: [],
    run: 0,
    badness: 0,
    openedAt: 0,
    done: { opened: 0, open_ms: 0, refused_calls: 0, periods: [] },
  }
  for (const offer of offers) take(work, offer)
  if (work.state.name !== 'closed') work.done.open_ms += to - work.openedAt
  return work.done
}

const take = (work: Replay, offer: Offer): void => {
  const { tally, at, offered } = offer
  if (tally.calls > 0) work.badness = Math.max(tally.failures, tally.slow) / tally.calls
  if (work.state.name === 'open' && at >= work.state.until) work.state = { name: 'half_open' }
  if (work.state.name === 'closed') judge(work, offer)
  else if (work.state.name === 'open') work.done.refused_calls += offered
  else if (offered > 0) probe(work, offer)
}

/** The calls of a slot were let through; what they came to may open it for those after them. */
const judge = (work: Replay, offer: Offer): void => {
  const { config, window } = work
  window.push(offer)
  trim(work, offer.at)
  const { calls, failures, slow } = window.reduce((sum, { tally }) => joined(sum, tally), NO_CALLS)
  const worst = Math.max(offer.tally.worst, work.run + offer.tally.lead)
  work.run = offer.tally.trail === offer.tally.calls ? work.run + offer.tally.calls : offer.tally.trail
  const reason = offer.tally.calls > 0 ? verdictOn([calls, failures, slow], worst, config) : undefined
  if (reason !== undefined) open(work, offer.at + HISTORY_SLOT_MS, reason)
}

const trim = ({ window, config }: Replay, at: number): void => {
  const { type, size } = config.window
  const calls = (): number => window.reduce((sum, { tally }) => sum + tally.calls, 0)
  const tooOld = (first: Offer): boolean =>
    type === 'time' ? first.at <= at - size * 1_000 : calls() - first.tally.calls >= size
  while (window.length > 1 && window[0] && tooOld(window[0])) window.shift()
}

const open = (work: Replay, at: number, reason: ChangeReason): void => {
  const { done } = work
  if (work.state.name === 'closed') {
    work.openedAt = at
    if (done.periods.length < PERIODS_TOLD) done.periods.push({ opened_at: toIso(at), closed_at: null, reason })
  }
  work.state = { name: 'open', until: at + openMs(work.config, work.opens, NO_CHANCE) }
  work.opens++
  done.opened++
}

/** Probes go as the slot's calls went; without any, as the last ones that were heard of. */
const probe = (work: Replay, { at, offered }: Offer): void => {
  const { config, done, badness } = work
  const probes = Math.min(config.half_open_max, offered)
  if (Math.round(badness * probes) / probes >= config.failure_rate_threshold) {
    done.refused_calls += offered - probes
    open(work, at + HISTORY_SLOT_MS, 'probe_failed')
    return
  }
  const last = done.periods.at(-1)
  if (last?.closed_at === null) last.closed_at = toIso(at)
  done.open_ms += at - work.openedAt
  Object.assign(work, { state: { name: 'closed' }, opens: 0, window: [], run: 0 })
}
