// The second part of a run: takes slice after slice of the items at the pace that is wanted, and counts what came of each.
import { APPLIED_MAX } from './kind.ts'
import { createItems } from './items.ts'
import { createPacer } from './pace.ts'
import { rest } from './rest.ts'
import type { Run, Stop } from './running.ts'
import { applySlice } from './slice.ts'
import { createTrial } from './trial.ts'
import type { TrialRun } from './trial.ts'
import type { Change } from './store.ts'

/** Undefined when all items were gone through. */
export const applyAll = async (run: Run): Promise<Stop | { reason: string } | undefined> => {
  const trial = createTrial(run)
  const line = createLine(run, trial)
  try {
    return await goThrough(run, trial, line)
  } finally {
    await line.quiet()
  }
}

const goThrough = async (run: Run, trial: TrialRun, line: Line): Promise<Stop | { reason: string } | undefined> => {
  const { kernel, tenure } = run
  const pacer = createPacer()
  const items = createItems(run)
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
  const begun: Promise<void>[] = []
  const carry = async (slice: readonly unknown[], set: Change['set'], before?: Promise<void>): Promise<void> => {
    const [applied, earlier] = await Promise.allSettled([applySlice(run, slice, set), before])
    if (earlier.status === 'rejected') throw earlier.reason
    if (applied.status === 'rejected') throw applied.reason
    await run.tenure.advance(applied.value)
    trial.applied(slice)
  }
  /** Waits until so many are left. */
  const until = async (left: number): Promise<void> => {
    while (begun.length > left) await begun.shift()
  }
  return {
    /** Resolves when nothing is on its way any more, whatever came of it. */
    async quiet(): Promise<void> {
      await Promise.allSettled(begun)
    },
    async put(slice: readonly unknown[], set: Change['set']): Promise<void> {
      const step = carry(slice, set, begun.at(-1))
      // Whoever waits for it hears of a failure.
      step.catch(() => undefined)
      begun.push(step)
      const isFree = slice.length === APPLIED_MAX && trial.phase() === 'applying' && run.kind.inOrder !== true
      await until(isFree ? ON_THE_WAY - 1 : 0)
    },
    async end<End>(how: End): Promise<End> {
      await until(0)
      return how
    },
  }
}

type Line = ReturnType<typeof createLine>
