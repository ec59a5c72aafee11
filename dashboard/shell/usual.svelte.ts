// The range that counts without a link: settled once the age of the data is known, then left alone for this visit.
import { overview } from '../data/overview.svelte.ts'
import { clock } from '../ui/clock.ts'
import { phone } from './phone.svelte.ts'
import { ageOf, usualRange, type Range } from './range.ts'

let known = $state.raw<{ ageMs: number | undefined }>()

/** Looks at the data once; to be called in an effect of the frame around the pages. */
export const settleUsual = (): void => {
  if (!known && overview.value) known = { ageMs: ageOf(overview.value.pulse, clock.exact()) }
}

export const usual = {
  /** Reactive: it changes at most once, when the first overview has come. */
  get range(): Range {
    return known ? usualRange(known.ageMs, phone.is) : usualRange(Infinity, phone.is)
  },
  /** Whether the range will stay as it is: without an overview nothing else is known of it. */
  get isSettled(): boolean {
    return known !== undefined || overview.failure !== undefined
  },
  /** How old the oldest data was when it was first looked at, ms; undefined while unknown or when there was none. */
  get ageMs(): number | undefined {
    return known?.ageMs
  },
}
