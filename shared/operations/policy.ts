// What how its items fare means for an operation: pure decisions.
import type { Fate } from './kind.ts'

export type StepVerdict =
  { readonly say: 'wait' } | { readonly say: 'go_on' } | { readonly say: 'stop'; readonly reason: string }

const percent = (share: number): string => `${Math.round(share * 100)} %`
const countOf = (fates: readonly Fate[], ...wanted: Fate[]): number =>
  fates.filter((fate) => wanted.includes(fate)).length

/** Decides over a step of a trial. One that has not ended in time is judged by first signs; without any it is not trusted. */
export const judgeStep = (fates: readonly Fate[], stopAbove: number | null, overdue: boolean): StepVerdict => {
  const applied = fates.length - countOf(fates, 'none')
  const unsettled = countOf(fates, 'pending', 'failing')
  if (unsettled > 0 && !overdue) return { say: 'wait' }
  const silent = countOf(fates, 'pending')
  if (silent > 0) return { say: 'stop', reason: `${silent} of the ${applied} tried last came to no result in time.` }
  const bad = countOf(fates, 'bad', 'failing')
  return isTooMany(bad, applied, stopAbove) ? stop(bad, applied, stopAbove) : { say: 'go_on' }
}

/** How many must have ended before the rest is judged by them. */
const ENOUGH = 10

/** Decides over the rest, by the last of those that were looked at. */
export const judgeRest = (ended: readonly boolean[], stopAbove: number | null): StepVerdict => {
  const bad = ended.filter((again) => again).length
  const isBad = ended.length >= ENOUGH && isTooMany(bad, ended.length, stopAbove)
  return isBad ? stop(bad, ended.length, stopAbove) : { say: 'go_on' }
}

const isTooMany = (bad: number, of: number, stopAbove: number | null): boolean =>
  stopAbove !== null && of > 0 && bad / of > stopAbove

const stop = (bad: number, of: number, stopAbove: number | null): StepVerdict => ({
  say: 'stop',
  reason: `${bad} of the ${of} looked at last failed again; above ${percent(stopAbove ?? 1)} it stops.`,
})

/** Where the steps of a trial end, counted in items from the start. */
export const boundariesOf = (steps: readonly number[]): number[] => {
  let sum = 0
  return steps.map((step) => (sum += step))
}
