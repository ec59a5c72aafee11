// The second step: whether an attempt may start now, and whoever let it in hears when it has left.
import type { Attempt, Outcome } from './attempt.ts'
import { ended } from './perform.ts'

/** An attempt that was let in, or the outcome of one that was not. */
export type Admission =
  | { readonly admitted: true; readonly leave: (outcome: Outcome) => Promise<void> | void }
  | { readonly admitted: false; readonly outcome: Outcome }

/** Decides over an attempt that is about to start. It may wait; when the attempt's signal fires meanwhile it throws the
 *  signal's reason. A breaker or a limiter is one more gate. */
export type Gate = (attempt: Attempt) => Promise<Admission> | Admission

const open: Gate = () => ({ admitted: true, leave: () => undefined })

/** Runs `perform` behind the gate. An attempt that has its outcome already passes by it. */
export const admit =
  (gate: Gate = open) =>
  async (attempt: Attempt, perform: (attempt: Attempt) => Promise<Outcome>): Promise<Outcome> => {
    if (attempt.outcome) return attempt.outcome
    const asked = ask(gate, attempt)
    // A gate that is open answers at once, and then nothing is waited for.
    const admission = asked instanceof Promise ? await asked : asked
    if (!admission.admitted) return admission.outcome
    const outcome = await perform(attempt)
    const leaving = admission.leave(outcome)
    if (leaving !== undefined) await leaving
    return outcome
  }

const ask = (gate: Gate, attempt: Attempt): Admission | Promise<Admission> => {
  const asked = gate(attempt)
  return asked instanceof Promise ? asked.catch((error: unknown) => refuse(attempt, error)) : asked
}

/** A gate that was waiting when the attempt was ended. */
const refuse = ({ job: { interrupt } }: Attempt, error: unknown): Admission => {
  if (interrupt.reason === undefined) throw error
  return { admitted: false, outcome: ended(interrupt.reason) }
}
