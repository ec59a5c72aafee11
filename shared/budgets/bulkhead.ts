// The places one process has in one service: which are taken, which lie ready for the next call, and what Redis knows of them.
import type { Kernel } from '../kernel/kernel.ts'
import { answered, SILENT_MS } from './answer.ts'
import { createLine } from './line.ts'
import { steadyOf } from './time.ts'
import type { Concurrency } from './words.ts'

/** Leave to be among those that call a service now, until `leave` is called; calling it again changes nothing. `untilMs` is
 *  when it is worth asking again, by the clock of this process: about when one of those who call now should be done. */
export type Place =
  | { readonly entered: true; readonly leave: () => void }
  | { readonly entered: false; readonly untilMs: number }

/** Tells Redis what is kept and wanted; answers what is granted and whether other processes wait. */
export type Sync = (terms: Concurrency, kept: number, wanted: number, patienceMs: number) => Promise<Synced>
export interface Synced {
  readonly granted: number
  readonly othersWait: boolean
}

export interface Bulkhead {
  enter(terms: Concurrency): Place | Promise<Place>
  /** Renews leases and gives back what lies ready for nobody; to be called a few times a second. */
  tend(): Promise<void>
  /** Gives back all that is not taken. */
  close(): Promise<void>
  /** Whether it holds nothing and nobody has asked since this was asked last. */
  isIdle(): boolean
}

type Asker = (place: Place) => void

/** The time between rounds: a place that was not taken for one of them is given back, and another process that waits is
 *  heard of. */
const READY_MS = 250
const WAIT_MIN_MS = 50
const WAIT_MAX_MS = 1_000
/** How long a refusal is believed without asking again. */
const BELIEVED_MS = 50
/** How much of its mean the last call makes up. */
const WEIGHT = 0.2

export const createBulkhead = (kernel: Kernel, sync: Sync): Bulkhead => {
  const { clock } = kernel
  const steady = steadyOf(kernel)
  let terms: Concurrency | undefined
  // What Redis knows to be ours; of those, what calls have. The others lie ready.
  let held = 0
  let taken = 0
  let ends = 0
  let renewedAt = 0
  /** The most that were taken at once since the last round: what is held beyond that lies ready for nobody. */
  let peak = 0
  let othersWait = false
  /** Redis may know of other places than we do: it did not answer. */
  let isUnsure = false
  let usesReady = false
  let asked = 0
  let callMs = READY_MS
  let refusal: { untilMs: number; believedUntilMs: number } | undefined

  const place = (): Place => {
    taken++
    peak = Math.max(peak, taken)
    const enteredAt = steady()
    let hasLeft = false
    return {
      entered: true,
      leave() {
        if (hasLeft) return
        hasLeft = true
        callMs += (steady() - enteredAt - callMs) * WEIGHT
        left()
      },
    }
  }

  const left = (): void => {
    taken--
    refusal = undefined
    if (othersWait) void line.run()
  }

  /** A place that lies ready, unless it belongs to those who wait elsewhere. */
  const ready = ({ max }: Concurrency): Place | undefined => {
    if (othersWait || taken >= Math.min(held, max) || steady() > ends) return undefined
    usesReady = true
    return place()
  }

  /** Calls end one after another, so that one of `max` should be over soon; chance keeps processes apart. */
  const patience = (): number =>
    Math.round(Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, callMs)) * (0.5 + kernel.random() / 2))

  const tell = async (kept: number, wanted: number, waitMs: number): Promise<number | undefined> => {
    const [current, sentAt] = [terms, steady()]
    if (current === undefined) return undefined
    held = kept
    const answer = await answered(kernel, () => sync(current, kept, wanted, waitMs + 2 * READY_MS))
    isUnsure = answer === undefined
    if (answer === undefined) return undefined
    ends = sentAt + current.lease_ms
    renewedAt = sentAt
    usesReady = false
    othersWait = answer.othersWait
    held += answer.granted
    return answer.granted
  }

  const refuse = (askers: Asker[], waitMs: number): void => {
    const untilMs = clock.now() + waitMs
    refusal = { untilMs, believedUntilMs: Math.min(untilMs, clock.now() + BELIEVED_MS) }
    for (const resolve of askers) resolve({ entered: false, untilMs })
  }

  /** What lies ready goes back when others wait. Whoever wants more has nothing that lies ready, or may not use it. */
  const kept = (wanted: number): number => (wanted > 0 || othersWait ? taken : Math.max(taken, Math.min(held, peak)))

  const line = createLine<Asker>(async (askers) => {
    const lying = terms && askers.length > 0 ? ready(terms) : undefined
    if (lying !== undefined) {
      askers.shift()?.(lying)
      return
    }
    const [wanted, waitMs] = [askers.length, patience()]
    const granted = await tell(kept(wanted), wanted, waitMs)
    const leaving = askers.splice(0, wanted)
    for (const resolve of leaving.splice(0, granted ?? 0)) resolve(place())
    if (leaving.length > 0) refuse(leaving, granted === undefined ? SILENT_MS : waitMs)
  })

  return {
    enter(next) {
      terms = next
      asked++
      if (line.isEmpty) {
        const lying = ready(next)
        if (lying !== undefined) return lying
        if (refusal !== undefined && clock.now() < refusal.believedUntilMs)
          return { entered: false, untilMs: refusal.untilMs }
      }
      return new Promise((resolve) => {
        if (!line.join(resolve)) resolve({ entered: false, untilMs: clock.now() + SILENT_MS })
      })
    },
    async tend() {
      if (terms === undefined || !line.isEmpty) return
      const isDue = held > 0 && steady() - renewedAt >= (usesReady ? READY_MS : terms.lease_ms / 3)
      if (isUnsure || held > kept(0) || isDue) await line.run()
      peak = taken
    },
    async close() {
      peak = taken
      if (held > taken || isUnsure) await line.run()
    },
    isIdle() {
      const isIdle = asked === 0 && held === 0 && taken === 0 && !isUnsure && line.isEmpty
      asked = 0
      return isIdle
    },
  }
}
