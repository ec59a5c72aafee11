// Runs work that goes on step by step: at the pace that is wanted, counting what came of all steps so far.
import { toIso } from '../kernel/clock.ts'
import { APPLIED_MAX } from './kind.ts'
import type { AnySteppingKind, Step } from './kind.ts'
import { createPacer } from './pace.ts'
import { processedOf } from './record.ts'
import { rest } from './rest.ts'
import type { Run, Standing, Stop } from './running.ts'
import type { Change } from './store.ts'
import { TenureLost } from './tenure.ts'

type SteppingRun = Run<AnySteppingKind>

/** Undefined when the steps have come to their end. */
export const stepOn = async (run: SteppingRun): Promise<Standing> => {
  const { kernel, kind, tenure, work } = run
  const pacer = createPacer()
  let most = 0
  await tenure.advance({ set: { phase: 'applying' } })
  const steps = kind.steps(work, () => most)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const turn = await turnOf(run, pacer)
      if (typeof turn === 'string') return turn
      // A process that stood still may have lost the operation meanwhile.
      if (!tenure.holds()) throw new TenureLost(work.id)
      most = turn
      const { done, value } = (await steps.next()) as IteratorResult<Step, undefined>
      if (done) return undefined
      const before = processedOf(tenure.record)
      await tenure.advance(changeOf(run, value))
      pacer.took(Math.max(0, processedOf(tenure.record) - before))
      if (value.failure !== undefined) return { failure: value.failure }
      const until = kernel.clock.now() + (value.restMs ?? 0)
      await restUntil(run, until)
    }
  } finally {
    await steps.return?.()
  }
}

/** How many items may go now; waits until there is one. */
const turnOf = async (run: SteppingRun, pacer: ReturnType<typeof createPacer>): Promise<number | Stop> => {
  for (;;) {
    const stopped = run.stop()
    if (stopped) return stopped
    const { count, waitMs } = pacer.allow(run.kernel.clock.now(), run.tenure.record.pace)
    if (count > 0) return Math.min(count, APPLIED_MAX)
    await rest(run, waitMs)
  }
}

const restUntil = async (run: SteppingRun, until: number): Promise<void> => {
  for (let left = until - run.kernel.clock.now(); left > 0; left = until - run.kernel.clock.now()) {
    if (run.stop()) return
    await rest(run, left)
  }
}

/** Counts only grow: whoever began anew may know of less for a moment. */
const changeOf = ({ kernel, tenure: { record } }: SteppingRun, step: Step): Change => {
  const { total, done, failed = 0, skipped = 0, results = [], facts = [] } = step
  const at = toIso(kernel.clock.now())
  return {
    set: { total: Math.max(total, done + failed + skipped), tries: 0 },
    add: {
      done: Math.max(0, done - record.done),
      failed: Math.max(0, failed - record.failed),
      skipped: Math.max(0, skipped - record.skipped),
    },
    results: results.map(({ item, is, reason }) => ({ item, outcome: is, reason, at })),
    facts,
  }
}
