// Priorities as the timeline tells them apart; without the contract's schemas, so that pages may have it too.

/** Bins of priority as the timeline draws them: 0 low (1000 and more), 1 normal (100–999 and none), 2 high (10–99), 3 critical (1–9). */
export const priorityBin = (priority: number): 0 | 1 | 2 | 3 => {
  if (priority === 0) return 1
  if (priority < 10) return 3
  if (priority < 100) return 2
  return priority < 1000 ? 1 : 0
}
