// What how its items fare means for an operation: pure decisions.
import type { Fate } from './kind.ts'

export type StepVerdict =
  | { readonly say: 'wait' }
  | { readonly say: 'go_on' }
  | { readonly say: 'stop'; readonly reason: string }

const percent = (share: number): string => `${Math.round(share * 100)} %`
const countOf = (fates: readonly Fate[], ...wanted: Fate[]): number =>
  fates.filter((fate) => wanted.includes(fate)).length

/** Decides over a step of a trial. One that has not ended in time is judged by first signs; without any it is not trusted, nor is a
 *  step of which nothing was done, or all was cancelled. */
export const judgeStep = (fates: readonly Fate[], stopAbove: number | null, overdue: boolean): StepVerdict => {
  const applied = fates.length - countOf(fates, 'none', 'cancelled')
  if (applied === 0 && fates.length > 0 && stopAbove !== null)
    return { say: 'stop', reason: `None of the ${fates.length} tried last could be done.` }
  const unsettled = countOf(fates, 'pending', 'failing')
  if (unsettled > 0 && !overdue) return { say: 'wait' }
  const silent = countOf(fates, 'pending')
  if (silent > 0) return { say: 'stop', reason: `${silent} of the ${applied} tried last came to no result in time.` }
  return judge(fates, applied, stopAbove)
}

/** How many must have ended before the rest is judged by them. */
const ENOUGH = 10

/** Decides over the rest, by the last of those that were looked at. */
export const judgeRest = (ended: readonly Fate[], stopAbove: number | null): StepVerdict =>
  ended.length >= ENOUGH ? judge(ended, ended.length, stopAbove) : { say: 'go_on' }

/** Too many that failed as before stop it. What fails for another reason is news and no reason to keep the others back, unless
 *  nothing came through at all. */
const judge = (fates: readonly Fate[], of: number, stopAbove: number | null): StepVerdict => {
  const bad = countOf(fates, 'bad', 'failing')
  const otherwise = countOf(fates, 'otherwise')
  if (stopAbove === null || of === 0) return { say: 'go_on' }
  if (bad / of > stopAbove)
    return {
      say: 'stop',
      reason: `${bad} of the ${of} looked at last failed again; above ${percent(stopAbove)} it stops.`,
    }
  if (otherwise === 0 || bad + otherwise < of) return { say: 'go_on' }
  const again = bad === 0 ? '' : `${bad} failed again, `
  return {
    say: 'stop',
    reason: `None of the ${of} looked at last came through: ${again}${otherwise} for another reason.`,
  }
}

/** Where the steps of a trial end, counted in items from the start. */
export const boundariesOf = (steps: readonly number[]): number[] => {
  let sum = 0
  return steps.map((step) => (sum += step))
}
