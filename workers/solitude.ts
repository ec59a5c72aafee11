// A fair lock for one process: many share it, one may have it alone, and nobody overtakes who came first. Who wants it alone is patient with
// those inside for so long, while nobody else enters; after that it shares like the others.
import type { Clock } from '../shared/kernel/clock.ts'

export interface Solitude {
  /** Enters beside the others at once, or not at all when somebody is alone or waits. */
  enter(): Release | undefined
  /** Enters beside the others when it is its turn. */
  share(signal: AbortSignal): Promise<Release>
  /** Resolves when everybody else has left, and nobody enters until it is released or opened; or, once others have been waited for
   *  `patienceMs`, beside those. Those who wait to be alone wait for others at the same time, not one after the other. */
  alone(signal: AbortSignal, patienceMs: number): Promise<Place>
}

export type Release = () => undefined

export interface Place {
  /** Nobody is beside it, until it opens. */
  readonly isAlone: boolean
  /** Stays inside, and lets others in. */
  open(): void
  readonly release: Release
}

interface Waiter {
  /** Undefined for those who share. */
  readonly patienceMs: number | undefined
  /** Ends what waits for its patience to end. */
  readonly over: AbortController
  isTimed: boolean
  enter(): void
}

export const createSolitude = (clock: Clock): Solitude => {
  const queue: Waiter[] = []
  let sharing = 0
  let taken = false
  /** Since when whoever is next, and wants to be alone, waits for those inside. */
  let heldUpSince: number | undefined

  const admits = ({ patienceMs }: Waiter): boolean => {
    if (taken) return false
    if (patienceMs === undefined || sharing === 0) return true
    return heldUpSince !== undefined && clock.now() >= heldUpSince + patienceMs
  }
  const share = (): Release => {
    sharing++
    return once(() => {
      sharing--
      next()
    })
  }
  const beAlone = (): Place => {
    taken = true
    let leave: Release | undefined
    return {
      isAlone: true,
      open() {
        if (leave) return
        leave = share()
        taken = false
        next()
      },
      release: once(() => {
        if (leave) leave()
        else {
          leave = () => undefined
          taken = false
          next()
        }
      }),
    }
  }
  const takePlace = (): Place =>
    sharing === 0 ? beAlone() : { isAlone: false, open: () => undefined, release: share() }
  const next = (): void => {
    for (let first = queue[0]; first !== undefined && admits(first); first = queue[0]) {
      queue.shift()
      first.over.abort()
      first.enter()
    }
    const [first] = queue
    if (first === undefined || taken) heldUpSince = undefined
    else holdUp(first)
  }
  const holdUp = (waiter: Waiter): void => {
    const now = clock.now()
    heldUpSince ??= now
    if (waiter.isTimed) return
    waiter.isTimed = true
    const leftMs = Math.max(0, heldUpSince + (waiter.patienceMs ?? 0) - now)
    void clock.sleep(leftMs, waiter.over.signal).then(() => waiter.over.signal.aborted || next())
  }
  const wait = <Entered>(patienceMs: number | undefined, take: () => Entered, signal: AbortSignal): Promise<Entered> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const over = new AbortController()
      const waiter: Waiter = { patienceMs, over, isTimed: false, enter: () => resolve(take()) }
      signal.addEventListener('abort', () => forget(waiter, () => reject(signal.reason as Error)), {
        once: true,
        signal: over.signal,
      })
      queue.push(waiter)
      next()
    })
  const forget = (waiter: Waiter, then: () => void): void => {
    queue.splice(queue.indexOf(waiter), 1)
    waiter.over.abort()
    then()
    next()
  }
  return {
    enter: () => (taken || queue.length > 0 ? undefined : share()),
    share: (signal) => wait(undefined, share, signal),
    alone: (signal, patienceMs) => wait(patienceMs, takePlace, signal),
  }
}

/** A release that counts only once. */
const once = (leave: () => void): Release => {
  let left = false
  return () => {
    if (left) return undefined
    left = true
    leave()
    return undefined
  }
}
