// How long those who carry schedules out wait for one another, in ms.

/** A tick that fires so much before its slot, as clocks differ, is taken for it; its job still waits for the slot. */
export const EARLY_MS = 500
/** A slot that nobody has decided about so long after its time has lost its tick. */
export const OVERDUE_MS = 2_000
/** Whoever claimed makes the jobs within this time, or is taken to have been killed. */
export const CLAIM_MS = 3_000
/** Whoever read a claim makes its job within this time, or not at all: what reaches Redis later does nothing. Far less than a
 *  trace outlives the telling, and more than a step takes where all are overloaded. */
export const MAKE_MS = 10_000
/** How often it is looked whether a job has ended that others wait for. */
export const AWAITED_MS = 1_000
