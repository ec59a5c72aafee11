// The floor of a guarded call: the least a breaker with a sliding window can be, for one process, without a fleet to agree with.

export interface BareBreaker {
  admits(nowMs: number): boolean
  report(failed: boolean, nowMs: number): void
}

const SLOTS = 10
const SLOT_MS = 6_000

export const createBareBreaker = (): BareBreaker => {
  const calls = new Float64Array(SLOTS)
  const failures = new Float64Array(SLOTS)
  const numbers = new Float64Array(SLOTS)
  let openUntil = 0
  return {
    admits: (nowMs) => nowMs >= openUntil,
    report(failed, nowMs) {
      const number = Math.floor(nowMs / SLOT_MS)
      const at = number % SLOTS
      if (numbers[at] !== number) {
        numbers[at] = number
        calls[at] = failures[at] = 0
      }
      calls[at] = (calls[at] ?? 0) + 1
      if (!failed) return
      failures[at] = (failures[at] ?? 0) + 1
      let all = 0
      let bad = 0
      for (let slot = 0; slot < SLOTS; slot++) {
        if ((numbers[slot] ?? 0) <= number - SLOTS) continue
        all += calls[slot] ?? 0
        bad += failures[slot] ?? 0
      }
      if (all >= 20 && bad / all >= 0.5) openUntil = nowMs + 30_000
    },
  }
}
