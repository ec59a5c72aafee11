// A probe that one process holds: it ends once, and how it ends decides for the fleet.
import { callCode } from './calls.ts'
import type { Admitted, Line } from './line.ts'
import type { CallOutcome } from './policy.ts'

/** A permit that ends once, with a call or without. */
export const probePermit = (line: Line, end: (call: string) => void): Admitted => {
  let isOut = true
  const endOnce = (call: string): void => {
    if (!isOut) return
    isOut = false
    line.claimed = line.claimed.filter((other) => other !== permit)
    end(call)
  }
  const permit: Admitted = {
    admitted: true,
    probe: true,
    report: (outcome, durationMs) => endOnce(outcome === 'ignored' ? '' : charOf(line, outcome, durationMs)),
    release: () => endOnce(''),
  }
  return permit
}

const charOf = (line: Line, outcome: CallOutcome, durationMs: number): string =>
  String.fromCharCode(callCode(outcome !== 'success', durationMs > line.slowMs, durationMs))
