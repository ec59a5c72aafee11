// Trying a few first, and keeping an eye on the rest: pauses an operation whose items fare badly.
import { itemsBetween } from './items.ts'
import type { Fate } from './kind.ts'
import { boundariesOf, judgeRest, judgeStep } from './policy.ts'
import { processedOf, stepsOf } from './record.ts'
import { rest } from './rest.ts'
import type { Run, Stop } from './running.ts'
import type { OperationPhase, StepResult } from './words.ts'

export interface TrialRun {
  /** To be asked before each slice: waits at the end of a step for how it fared. */
  check(): Promise<Stop | { reason: string } | undefined>
  /** How many items may go before the next check. */
  room(): number
  /** What applying the next slice is part of. */
  phase(): OperationPhase
  /** Items that were applied just now. */
  applied(items: readonly unknown[]): void
}

const noTrial: TrialRun = {
  check: async () => undefined,
  room: () => Infinity,
  phase: () => 'applying',
  applied: () => undefined,
}

const ASK_EVERY_MS = 200

/** Without steps in the params, or while something is undone, nothing is tried or watched. */
export const createTrial = (run: Run): TrialRun => {
  const { kind, work, tenure } = run
  const terms = work.undoes === null ? kind.trial?.(work.params) : undefined
  if (!terms) return noTrial
  const boundaries = boundariesOf(terms.steps)
  const eye = createEye(run, terms.stopAbove)
  const next = (): number | undefined => boundaries.find((boundary) => boundary > tenure.record.judged)
  return {
    async check() {
      const boundary = next()
      const processed = processedOf(tenure.record)
      if (boundary === undefined) return eye.look()
      if (processed < boundary && !isAllOf(run, processed)) return undefined
      return hear(run, boundary, { waitMs: terms.wait_ms, stopAbove: terms.stopAbove })
    },
    room: () => (next() ?? Infinity) - processedOf(tenure.record),
    phase: () => (next() === undefined ? 'applying' : 'trying'),
    applied(items) {
      // Those of a step are heard at its end.
      if (next() === undefined) eye.applied(items)
    },
  }
}

/** Whether there are no more items than were gone through; the last step may be a short one. */
const isAllOf = ({ tenure }: Run, processed: number): boolean =>
  processed > 0 && processed >= (tenure.record.total ?? 0)

interface Step {
  waitMs: number
  stopAbove: number | null
}

/** Waits for how the items of a step fare. Whoever resumes a pause wishes to go on all the same. */
const hear = async (
  run: Run,
  boundary: number,
  { waitMs, stopAbove }: Step,
): Promise<Stop | { reason: string } | undefined> => {
  const { kernel, tenure, kind, work } = run
  const items = await itemsBetween(run, tenure.record.judged, boundary)
  await tenure.advance({ set: { phase: 'waiting' } })
  const until = kernel.clock.now() + waitMs
  for (;;) {
    const stopped = run.stop()
    if (stopped) return stopped
    const fates = (await kind.follow?.fates(items, work)) ?? []
    const verdict = judgeStep(fates, stopAbove, kernel.clock.now() >= until)
    if (verdict.say === 'wait') {
      await rest(run, ASK_EVERY_MS)
      continue
    }
    const ended = countOf(fates.filter(hasEnded))
    const steps = JSON.stringify([...stepsOf(tenure.record), toResult(boundary, ended)])
    await tenure.advance({ set: { phase: 'applying', judged: boundary, steps }, add: ended })
    return verdict.say === 'stop' ? { reason: verdict.reason } : undefined
  }
}

/** What is gone was done and removed, as far as anybody knows. What somebody cancelled says nothing of how the rest will fare. */
const ENDS: readonly Fate[] = ['good', 'bad', 'otherwise', 'gone']
const hasEnded = (fate: Fate): boolean => ENDS.includes(fate)

interface Ended {
  watched: number
  again: number
  otherwise: number
}

const countOf = (ended: readonly Fate[]): Ended => ({
  watched: ended.length,
  again: ended.filter((fate) => fate === 'bad').length,
  otherwise: ended.filter((fate) => fate === 'otherwise').length,
})

const toResult = (until: number, { watched, again, otherwise }: Ended): StepResult => ({
  until,
  ended: watched,
  failed_again: again,
  failed_otherwise: otherwise,
})

/** Items that are followed at once, and those that ended last that the rest is judged by. */
const FOLLOWED_MAX = 50
const JUDGED_BY = 50

/** Follows a few items of the rest, always new ones, and judges by those that ended last. */
const createEye = (run: Run, stopAbove: number | null) => {
  const { kernel, tenure, kind, work } = run
  let followed: unknown[] = []
  let ended: Fate[] = []
  let lookedAt = kernel.clock.now()
  return {
    applied(items: readonly unknown[]): void {
      const room = FOLLOWED_MAX - followed.length
      if (room <= 0) return
      const every = Math.max(1, Math.ceil((items.length / room) * 4))
      followed = [...followed, ...items.filter((_item, index) => index % every === 0)].slice(0, FOLLOWED_MAX)
    },
    async look(): Promise<{ reason: string } | undefined> {
      if (followed.length === 0 || kernel.clock.now() - lookedAt < 2 * ASK_EVERY_MS) return undefined
      lookedAt = kernel.clock.now()
      const fates = (await kind.follow?.fates(followed, work)) ?? []
      const now = fates.filter(hasEnded)
      followed = followed.filter((_item, index) => fates[index] === 'pending' || fates[index] === 'failing')
      ended = [...ended, ...now].slice(-JUDGED_BY)
      const verdict = judgeRest(ended, stopAbove)
      if (now.length > 0) await tenure.advance({ add: countOf(now) })
      return verdict.say === 'stop' ? { reason: verdict.reason } : undefined
    },
  }
}
