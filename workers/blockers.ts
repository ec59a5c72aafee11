// Which kinds of job hold up their process: by how long their handlers usually take before they let go of it.

/** Above this, what others have sent does not wait for such a handler. */
const BLOCKS_MS = 1
/** How much one call changes the picture: a pause to collect garbage says nothing of a kind. */
const WEIGHT = 1 / 8
/** Others than ours may name jobs as they like; then all are learnt anew. */
const KNOWN_MAX = 1_000

export interface Blockers {
  /** Calls what begins a job of a kind, and learns how long that held up the process. `before` is called first where the kind
   *  usually does. */
  call<T>(kind: string, begin: () => T, before: () => void): T
}

/** Knows nobody at first. */
export const createBlockers = (now: () => number = () => performance.now()): Blockers => {
  const known = new Map<string, { usualMs: number }>()
  const of = (kind: string): { usualMs: number } => {
    const seen = known.get(kind)
    if (seen) return seen
    if (known.size >= KNOWN_MAX) known.clear()
    const fresh = { usualMs: 0 }
    known.set(kind, fresh)
    return fresh
  }
  return {
    call(kind, begin, before) {
      const seen = of(kind)
      if (seen.usualMs > BLOCKS_MS) before()
      const begun = now()
      const begunOf = begin()
      seen.usualMs += (now() - begun - seen.usualMs) * WEIGHT
      return begunOf
    },
  }
}
