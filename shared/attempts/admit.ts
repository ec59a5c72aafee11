// The second step: whether an attempt may start now, and whoever let it in hears when it has left.
import type { Attempt, Outcome } from './attempt.ts'
import { ended } from './perform.ts'

/** An attempt that was let in, or the outcome of one that was not. */
export type Admission =
  | { readonly admitted: true; readonly leave: Leave }
  | { readonly admitted: false; readonly outcome: Outcome }

/** Hears how the attempt ended, and may answer another outcome in the place of that one. */
export type Leave = (outcome: Outcome) => Promise<Outcome | undefined> | Outcome | undefined

/** Decides over an attempt that is about to start. It may wait; when the attempt's signal fires meanwhile it throws the
 *  signal's reason. A breaker or a limiter is one more gate. */
export type Gate = (attempt: Attempt) => Promise<Admission> | Admission

/** What a gate answers that has nothing to say about an attempt. */
export const passes: Admission = { admitted: true, leave: () => undefined }
const open: Gate = () => passes

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
    const left = admission.leave(outcome)
    return (left instanceof Promise ? await left : left) ?? outcome
  }

/** One gate behind another: what the outer one let in asks the inner one, and leaves it first. */
export const inTurn =
  (outer: Gate, inner: Gate): Gate =>
  (attempt) => {
    const asked = outer(attempt)
    return asked instanceof Promise
      ? asked.then((admission) => through(admission, attempt, inner))
      : through(asked, attempt, inner)
  }

const through = (outer: Admission, attempt: Attempt, inner: Gate): Admission | Promise<Admission> => {
  if (!outer.admitted) return outer
  const asked = inner(attempt)
  if (!(asked instanceof Promise)) return both(outer, asked)
  return asked.then(
    (admission) => both(outer, admission),
    async (error: unknown) => {
      await outer.leave({ is: 'interrupted', reason: String(error) })
      throw error
    },
  )
}

const both = (outer: Extract<Admission, { admitted: true }>, inner: Admission): Admission | Promise<Admission> => {
  if (inner === passes) return outer
  if (inner.admitted)
    return { admitted: true, leave: async (outcome) => leaveBoth(outer, inner.leave(outcome), outcome) }
  const left = outer.leave(inner.outcome)
  return left instanceof Promise ? left.then(() => inner) : inner
}

const leaveBoth = async (
  outer: Extract<Admission, { admitted: true }>,
  left: ReturnType<Leave>,
  outcome: Outcome,
): Promise<Outcome> => {
  const ended = (await left) ?? outcome
  return (await outer.leave(ended)) ?? ended
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
