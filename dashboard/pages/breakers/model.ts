// Breakers in words: what state one is in and why, how it calls itself in a list, and what can be done with it.
import type { Breaker } from '../../../shared/breakers/contract.ts'
import { age, clockTime, countOf, duration, instant, percent } from '../../ui/format.ts'

type State = Breaker['state']

/** Lets no call through, or only probes. */
export const isHolding = (state: State): boolean => state === 'open' || state === 'half_open' || state === 'forced_open'

const RANK: Record<State, number> = { open: 0, half_open: 1, forced_open: 2, forced_closed: 3, disabled: 4, closed: 5 }

/** Trouble first, then what people hold, then the closed ones that fail most; else by name. */
export const sortBreakers = (list: readonly Breaker[]): Breaker[] =>
  [...list].sort(
    (one, other) =>
      RANK[one.state] - RANK[other.state] ||
      other.failure_rate - one.failure_rate ||
      one.service.localeCompare(other.service),
  )

/** What the page says above the list. */
export const summaryWords = (list: readonly Breaker[]): string => {
  const holding = list.filter(({ state }) => isHolding(state)).length
  const forced = list.filter(({ state }) => state === 'forced_closed' || state === 'disabled').length
  const unguarded = forced === 0 ? '' : ` ${countOf(forced, 'service is', 'services are')} not guarded.`
  if (holding === 0) return `Every service gets its calls.${unguarded}`
  return `${countOf(holding, 'service gets', 'services get')} no calls or only a few.${unguarded}`
}

/** When it may be probed, to the second, so that it can be watched. */
const probeWords = (at: string | null, now: number): string => {
  const ms = (instant(at) ?? now) - now
  if (ms < 1_000) return 'Probe with the next call'
  return `Probe in ${ms < 60_000 ? `${Math.floor(ms / 1_000)} s` : duration(Math.floor(ms / 1_000) * 1_000)}`
}

/** Beside the state, in a list: what happens next, or by whom it is held. */
export const nextWords = (breaker: Breaker, now: number): string => {
  switch (breaker.state) {
    case 'open':
      return probeWords(breaker.next_attempt_at, now)
    case 'half_open':
      return `${breaker.half_open.successes} of ${breaker.half_open.permitted} probes passed`
    case 'forced_open':
    case 'forced_closed':
    case 'disabled':
      return [`by ${breaker.forced?.by ?? 'somebody'}`, endWords(breaker, now)].filter((part) => part !== '').join(', ')
    case 'closed':
      return ''
  }
}

const endWords = ({ forced }: Breaker, now: number): string => {
  const ends = instant(forced?.until)
  return ends === undefined ? '' : `ends ${age(Math.max(ends, now), now)}`
}

const windowWords = ({ window }: Breaker): string =>
  window.type === 'time' ? `in ${duration(window.size * 1_000)}` : `of the last ${countOf(window.size, 'call')}`

/** What it sees: `2 % of 341 calls failed in 60 s`. */
export const seenWords = (breaker: Breaker): string => {
  if (breaker.calls === 0) return 'No calls counted.'
  const few = breaker.state === 'closed' && breaker.calls < breaker.window.min_calls ? ', too few to judge' : ''
  const where = breaker.window.type === 'time' ? ` ${windowWords(breaker)}` : ''
  return `${percent(breaker.failure_rate)} of ${countOf(breaker.calls, 'call')} failed${where}${few}.`
}

/** When it opens: `Opens at 50 % of at least 20 calls in 1 min 0 s`. */
export const limitWords = (breaker: Breaker): string => {
  const { failure_rate_threshold: share, consecutive_failures: run } = breaker.config
  const inRow = run === null ? '' : `, or after ${countOf(run, 'failure')} in a row`
  return `Opens when ${percent(share)} of at least ${countOf(breaker.window.min_calls, 'call')} ${windowWords(breaker)} fail${inRow}.`
}

const opened: Partial<Record<NonNullable<Breaker['reason']>, (breaker: Breaker) => string>> = {
  threshold: ({ failure_rate, calls }) => `because ${percent(failure_rate)} of ${countOf(calls, 'call')} failed`,
  slow_calls: ({ slow_call_rate, calls }) =>
    `because ${percent(slow_call_rate)} of ${countOf(calls, 'call')} were slow`,
  consecutive: ({ config }) => `because ${countOf(config.consecutive_failures ?? 0, 'call')} in a row failed`,
}

const closed: Partial<Record<NonNullable<Breaker['reason']>, string>> = {
  probe_ok: ', as its probes passed',
  reset: ', as somebody reset it',
  manual: ', as somebody ended what was forced',
}

/** The state in a sentence or two. `zone` is the one times are shown in. */
export const stateLine = (breaker: Breaker, now: number, zone?: string): string => {
  const at = instant(breaker.state === 'open' ? (breaker.opened_at ?? breaker.since) : breaker.since)
  const since = at === undefined ? '' : ` since ${clockTime(at, zone)}${lengthWords(now - at)}`
  switch (breaker.state) {
    case 'closed':
      return at === undefined
        ? `Closed: calls go through. It never opened. ${seenWords(breaker)}`
        : `Closed${since}${closed[breaker.reason ?? 'timeout'] ?? ''}. ${seenWords(breaker)}`
    case 'open':
      return `Open${since}${whyOpen(breaker, now)}. ${nextWords(breaker, now)}.`
    case 'half_open':
      return `Half-open${since}: ${nextWords(breaker, now)}, ${breaker.half_open.in_flight} in flight.`
    case 'forced_open':
      return `Forced open${since} ${forcedWords(breaker, now)} No call goes through.`
    case 'forced_closed':
      return `Forced closed${since} ${forcedWords(breaker, now)} Calls go through whatever happens. ${seenWords(breaker)}`
    case 'disabled':
      return `Switched off${since} ${forcedWords(breaker, now)} Calls go through and nothing is counted.`
  }
}

const whyOpen = (breaker: Breaker, now: number): string => {
  const why = opened[breaker.reason ?? 'timeout']?.(breaker)
  if (why !== undefined) return ` ${why}`
  const failedAt = instant(breaker.since)
  return breaker.reason === 'probe_failed' && failedAt !== undefined
    ? `; its last probe failed ${age(failedAt, now)}`
    : ''
}

/** In whole seconds, so that it does not flicker while it grows. */
const lengthWords = (ms: number): string => (ms < 1_000 ? '' : ` (${duration(Math.floor(ms / 1_000) * 1_000)})`)

const forcedWords = (breaker: Breaker, now: number): string => {
  const { by = 'somebody', reason = '' } = breaker.forced ?? {}
  const ends = endWords(breaker, now)
  const why = reason === '' ? '' : `: ${reason.replace(/[.\s]+$/, '')}`
  return `by ${by}${why}. ${ends === '' ? 'It lasts until somebody ends it.' : `It ${ends}.`}`
}
