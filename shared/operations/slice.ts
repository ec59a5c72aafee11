// One slice of an operation's items: applied by its kind, and what is to be written of it.
import { isPermanent } from '../catalog/handler.ts'
import { toIso } from '../kernel/clock.ts'
import { isProblem } from '../kernel/problem.ts'
import { redisProblem } from '../kernel/redis-errors.ts'
import type { OperationResult } from './contract.ts'
import type { Applied, Outcome } from './kind.ts'
import { TRIES_MAX } from './record.ts'
import type { Run } from './running.ts'
import type { Change } from './store.ts'
import { TenureLost, showLife } from './tenure.ts'

/** Applies a slice and answers what is to be written of it. */
export const applySlice = async (run: Run, slice: readonly unknown[], set: Change['set']): Promise<Change> => {
  const { kind, tenure, work } = run
  // A process that stood still may have lost the operation meanwhile; items are only touched by who surely holds it.
  if (!tenure.holds()) throw new TenureLost(work.id)
  const apply = work.undoes === null ? kind : (kind.undo ?? kind)
  const { outcomes, facts } = await apply.apply(slice, work).catch((error: unknown) => {
    if (tenure.record.tries < ALONE_FROM_TRY || !mayBeOfOne(error)) throw error
    return applyEach(run, apply, slice)
  })
  const count = (is: Outcome['is']): number => outcomes.filter((outcome) => outcome.is === is).length
  return {
    set: { ...set, tries: 0 },
    add: { done: count('done'), failed: count('failed'), skipped: count('skipped') },
    results: outcomes.flatMap((outcome, index) => resultOf(run, slice[index], outcome)),
    resultsKept: kind.tellsAll,
    facts,
  }
}

const resultOf = ({ kind, kernel }: Run, item: unknown, outcome: Outcome): OperationResult[] => {
  if (outcome.is === 'done' && kind.tellsAll === undefined) return []
  const { is, result } = outcome
  const reason = is === 'done' ? '' : outcome.reason
  return [
    { item: kind.nameOf(item), outcome: is, reason, at: toIso(kernel.clock.now()), ...(result ? { result } : {}) },
  ]
}

/** From this run without a step on, a slice that cannot be applied is applied item by item. */
const ALONE_FROM_TRY = 3

/** Whether it may be one of the items that an error is about: it is none of Redis's, of permission, or of the kind. */
const mayBeOfOne = (error: unknown): boolean =>
  !(error instanceof TenureLost) && !isPermanent(error) && !isProblem(error) && redisProblem(error) === error

/** One item that cannot be applied must not end the operation for all behind it: it fails, and the others are done. An error
 *  that all of several meet is about none of them, and thrown; an item that is a slice of its own fails with the last try. */
const applyEach = async (run: Run, apply: Pick<Run['kind'], 'apply'>, slice: readonly unknown[]): Promise<Applied> => {
  const { tenure, work } = run
  const isLast = tenure.record.tries >= TRIES_MAX && slice.length === 1
  const each: Applied[] = []
  let errors = 0
  for (const item of slice) {
    if (!tenure.holds()) throw new TenureLost(work.id)
    await showLife(tenure)
    each.push(
      await apply.apply([item], work).catch((error: unknown): Applied => {
        if (!mayBeOfOne(error) || (++errors === slice.length && !isLast)) throw error
        return { outcomes: [{ is: 'failed', reason: reasonOf(error) }], facts: [] }
      }),
    )
  }
  return { outcomes: each.flatMap(({ outcomes }) => outcomes), facts: each.flatMap(({ facts }) => facts) }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 500) : 'It failed.')
