// Why a call has to wait, as one reads it.
import type { HoldCause } from '../services/words.ts'

const inWords = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1_000
  return seconds < 10 ? `${Math.ceil(seconds * 10) / 10} s` : `${Math.ceil(seconds)} s`
}

/** `budget of spotify spent, 4 s`. */
export const describeHold = (service: string, cause: HoldCause, ms: number): string => {
  switch (cause) {
    case 'breaker':
      return `${service} comes back after an outage, its turn in ${inWords(ms)}`
    case 'budget':
      return `budget of ${service} spent, ${inWords(ms)}`
    case 'concurrency':
      return `all places of ${service} taken, asked again in ${inWords(ms)}`
    case 'retry_budget':
      return `retries of ${service} used up, next in ${inWords(ms)}`
    default:
      return cause satisfies never
  }
}
