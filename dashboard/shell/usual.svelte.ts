// The range that counts without a link: settled once the age of the data is known, then left alone for this visit.
import { overview } from '../data/overview.svelte.ts'
import { router } from '../router.svelte.ts'
import { clock } from '../ui/clock.ts'
import { phone } from './phone.svelte.ts'
import { ageOf, frozenOf, ranges, usualRange, type Range } from './range.ts'

/** How long the age is waited for; pages of an API that is slower are about the longer range. */
const PATIENCE_MS = 1_000

/** Infinity where nothing is known of it; the whole undefined until that is settled. */
let age = $state.raw<{ ms: number | undefined }>()

/** Looks at the data once; to be called in an effect of the frame around the pages. */
export const settleUsual = (): (() => void) | undefined => {
  if (age) return undefined
  if (overview.value) age = { ms: ageOf(overview.value.pulse, clock.exact()) }
  else if (overview.failure) age = { ms: Infinity }
  else {
    const timer = setTimeout(() => (age = { ms: Infinity }), PATIENCE_MS)
    return () => clearTimeout(timer)
  }
  return undefined
}

export const usual = {
  /** Reactive: it changes when the age is settled, and with the width of the page. */
  get range(): Range {
    return usualRange(age ? age.ms : Infinity, phone.is)
  },
  /** Whether the span of the page will stay: another a moment later would be a jump. */
  get isSettled(): boolean {
    return age !== undefined || ranges.some(({ value }) => value === router.param('t')) || !!frozenOf(router.param)
  },
  /** How old the oldest data was when it was first looked at, ms: its `ms` is undefined when there was none, Infinity when that is not
   *  known. Undefined before. */
  get age(): { ms: number | undefined } | undefined {
    return age
  },
}
