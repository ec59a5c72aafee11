// The second part of a run: takes slice after slice of the items at the pace that is wanted, and counts what came of each.
import { toIso } from '../kernel/clock.ts'
import type { OperationResult } from './contract.ts'
import { APPLIED_MAX } from './kind.ts'
import type { Applied, Outcome } from './kind.ts'
import { createItems } from './items.ts'
import { createPacer } from './pace.ts'
import { rest } from './rest.ts'
import type { Run, Stop } from './run.ts'
import { createTrial } from './trial.ts'
import type { Change } from './store.ts'
import { TenureLost } from './tenure.ts'

/** Undefined when all items were gone through. */
export const applyAll = async (run: Run): Promise<Stop | { reason: string } | undefined> => {
  const { kernel, tenure } = run
  const pacer = createPacer()
  const items = createItems(run)
  const trial = createTrial(run)
  let counted: Promise<void> | undefined
  for (;;) {
    const stopped = run.stop() ?? (await trial.check())
    if (stopped) return stopped
    const { count, waitMs } = pacer.allow(kernel.clock.now(), tenure.record.pace)
    if (count === 0) {
      await rest(run, waitMs)
      continue
    }
    const slice = await items.next(Math.min(count, APPLIED_MAX, trial.room()))
    if (slice.length === 0) return undefined
    const change = await applySlice(run, slice, { ...items.place(), phase: trial.phase() })
    await counted
    counted = tenure.advance(change)
    // A full slice is counted while the next one is applied.
    if (slice.length < APPLIED_MAX) await counted
    trial.applied(slice)
    pacer.took(slice.length)
  }
}

/** Answers what is to be written of it. */
const applySlice = async (run: Run, slice: readonly unknown[], set: Change['set']): Promise<Change> => {
  const { kind, tenure, work } = run
  // A process that stood still may have lost the operation meanwhile; items are only touched by who surely holds it.
  if (!tenure.holds()) throw new TenureLost(work.id)
  const apply = work.undoes === null ? kind : (kind.undo ?? kind)
  const { outcomes, facts }: Applied = await apply.apply(slice, work)
  const count = (is: Outcome['is']): number => outcomes.filter((outcome) => outcome.is === is).length
  return {
    set: { ...set, tries: 0 },
    add: { done: count('done'), failed: count('failed'), skipped: count('skipped') },
    results: outcomes.flatMap((outcome, index) => resultOf(run, slice[index], outcome)),
    facts,
  }
}

const resultOf = ({ kind, kernel }: Run, item: unknown, outcome: Outcome): OperationResult[] =>
  outcome.is === 'done'
    ? []
    : [{ item: kind.nameOf(item), outcome: outcome.is, reason: outcome.reason, at: toIso(kernel.clock.now()) }]
