// How much of a process one caller may keep busy: so many requests of it are worked on at once, and the next ones wait for their turn in
// the order in which they came. Callers never wait for one another.
import type { Principal } from '../../shared/auth/contract.ts'
import { InvalidRequest, Overloaded } from '../../shared/kernel/problems.ts'

/** Requests of one caller that are worked on at once. */
export const AT_ONCE_MAX = 20
/** Requests of one caller that may wait beside those: enough for a whole minute of a standard key at once, and too few to bring the
 *  process to the number from which on it refuses those of others. */
export const WAITING_MAX = 180
/** How long one waits at most, in ms. */
export const WAIT_MAX_MS = 10_000
const RETRY_MS = 1_000

/** A request of a caller, from when the caller is known to when it was answered. */
export interface Stay {
  /** Waits for its turn; answers nothing at once where there is a place. Rejects with `overloaded` when that takes too long, and
   *  when it leaves meanwhile. */
  turn(): Promise<void> | undefined
  /** Gives its place, or its turn, to the next one, whatever became of it. Once is enough, and more do nothing. */
  leave(): void
}

export interface Places {
  /** Throws `overloaded` when as many requests of the caller are here as may be. */
  enter(caller: string): Stay
  /** Callers with requests that are here. */
  readonly callers: number
}

interface Caller {
  here: number
  working: number
  /** What lets each of them begin, in the order in which they came. */
  readonly line: Set<() => void>
}

/** A key or a session, or an address that shows none. */
export const callerOf = ({ kind, id, credential }: Principal, address: () => string): string =>
  kind === 'anonymous' ? address() : `${kind} ${credential ?? id}`

/** `refused` is called for each that is. */
export const createPlaces = (refused: () => void, waitMaxMs = WAIT_MAX_MS): Places => {
  const callers = new Map<string, Caller>()
  const refuse = (why: string): Error => {
    refused()
    return Overloaded(`${why} Nothing was changed; send fewer at once, and this one again.`, { retryAfterMs: RETRY_MS })
  }
  const find = (name: string): Caller => {
    const known = callers.get(name)
    if (known) return known
    const made = { here: 0, working: 0, line: new Set<() => void>() }
    callers.set(name, made)
    return made
  }
  /** `quit` is given what makes it wait no more. */
  const waitIn = ({ line }: Caller, placed: () => void, quit: (leave: () => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer)
        placed()
        resolve()
      }
      const end = (why: Error): void => {
        clearTimeout(timer)
        line.delete(begin)
        reject(why)
      }
      const timer = setTimeout(
        () => end(refuse(`More than ${AT_ONCE_MAX} requests of yours are under way here, and this one waited too long.`)),
        waitMaxMs,
      )
      timer.unref()
      line.add(begin)
      quit(() => end(InvalidRequest('Whoever asked went away before its turn came.')))
    })
  return {
    get callers() {
      return callers.size
    },
    enter(name) {
      const caller = find(name)
      if (caller.here >= AT_ONCE_MAX + WAITING_MAX)
        throw refuse(`${caller.here} requests of yours are under way here, as many as may be.`)
      caller.here++
      let isPlaced = false
      let isGone = false
      let quit = (): void => undefined
      const placed = (): void => {
        isPlaced = true
      }
      return {
        turn() {
          if (caller.working < AT_ONCE_MAX) {
            caller.working++
            placed()
            return undefined
          }
          // Its place is that of the one that leaves.
          return waitIn(caller, placed, (leave) => (quit = leave))
        },
        leave() {
          if (isGone) return
          isGone = true
          if (--caller.here === 0) callers.delete(name)
          if (!isPlaced) {
            quit()
            return
          }
          const [next] = caller.line
          if (next === undefined) caller.working--
          else {
            caller.line.delete(next)
            next()
          }
        },
      }
    },
  }
}
