// Time as budgets need it: scripts go by Redis's, and what a process measures for itself only goes forward.
import { systemClock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** What a script takes for now: Redis's own time (−1), so that a fleet has one clock, or that of a test which stopped it. */
export const scriptNow = ({ clock }: Kernel): number => (clock === systemClock ? -1 : clock.now())

/** Milliseconds for how long something lasts. A clock that is set back would make what is leased last longer. */
export const steadyOf = ({ clock }: Kernel): (() => number) =>
  clock === systemClock ? () => performance.now() : () => clock.now()
