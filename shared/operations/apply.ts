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
import type { TrialRun } from './trial.ts'
import type { Change } from './store.ts'
import { TenureLost } from './tenure.ts'

/** Undefined when all items were gone through. */
export const applyAll = async (run: Run): Promise<Stop | { reason: string } | undefined> => {
  const { kernel, tenure } = run
  const pacer = createPacer()
  const items = createItems(run)
  const trial = createTrial(run)
  const line = createLine(run, trial)
  for (;;) {
    const stopped = run.stop() ?? (await trial.check())
    if (stopped) return line.end(stopped)
    const { count, waitMs } = pacer.allow(kernel.clock.now(), tenure.record.pace)
    if (count === 0) {
      await rest(run, waitMs)
      continue
    }
    const slice = await items.next(Math.min(count, APPLIED_MAX, trial.room()))
    if (slice.length === 0) return line.end(undefined)
    await line.put(slice, { ...items.place(), phase: trial.phase() })
    pacer.took(slice.length)
  }
}

/** Full slices that are on their way at once: some are applied while others are counted, so that neither this process nor
 *  Redis waits for the other. */
const ON_THE_WAY = 3

/** Slices on their way: applied side by side, and counted in their order. */
const createLine = (run: Run, trial: TrialRun) => {
  let begun: Promise<void>[] = []
  const carry = async (slice: readonly unknown[], set: Change['set'], before?: Promise<void>): Promise<void> => {
    const [change] = await Promise.all([applySlice(run, slice, set), before])
    await run.tenure.advance(change)
    trial.applied(slice)
  }
  /** Waits until so many are left. Nothing is on its way any more when a failure is told. */
  const until = async (left: number): Promise<void> => {
    const due = begun.slice(0, Math.max(0, begun.length - left))
    begun = begun.slice(due.length)
    await Promise.all(due).catch(async (error: unknown) => {
      await Promise.allSettled([...due, ...begun])
      throw error
    })
  }
  return {
    async put(slice: readonly unknown[], set: Change['set']): Promise<void> {
      const step = carry(slice, set, begun.at(-1))
      // Whoever waits for it hears of a failure.
      step.catch(() => undefined)
      begun.push(step)
      const isFree = slice.length === APPLIED_MAX && trial.phase() === 'applying'
      await until(isFree ? ON_THE_WAY - 1 : 0)
    },
    async end<End>(how: End): Promise<End> {
      await until(0)
      return how
    },
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
