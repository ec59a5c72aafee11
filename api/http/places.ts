// How much of a process one caller may keep busy: so many requests of it are worked on at once, and the next ones wait for their turn in
// the order in which they came. Callers never wait for one another.
import type { Principal } from '../../shared/auth/contract.ts'
import { InvalidRequest, Overloaded } from '../../shared/kernel/problems.ts'

/** Requests of one caller that are worked on at once. */
export const AT_ONCE_MAX = 20
/** Requests of one caller that may wait beside those: enough for a whole minute of a standard key at once, and too few to bring the
 *  process to the number from which on it refuses those of others. */
export const WAITING_MAX = 180
/** Requests of one caller that may stay open for as long as something else takes, such as waits for results, and of all callers: they do
 *  little, so they are not among those a process counts to tell how busy it is. */
export const STAYING_MAX = 200
export const STAYING_ALL_MAX = 2_000
/** How long one waits at most, in ms. */
export const WAIT_MAX_MS = 10_000
const RETRY_MS = 1_000

/** A request of a caller, from when the caller is known to when it was answered. */
export interface Stay {
  /** Waits for its turn; answers nothing at once where there is a place. Rejects with `overloaded` when that takes too long, and
   *  when it leaves meanwhile. */
  turn(): Promise<void> | undefined
  /** It will stay open and takes no turn. Throws `overloaded` when as many do as may. */
  linger(): void
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
  staying: number
  /** What lets each of them begin, in the order in which they came. */
  readonly line: Set<() => void>
}

/** A key by whichever of its secrets, a session, or an address that shows none. */
export const callerOf = ({ kind, id, credential }: Principal, address: () => string): string =>
  kind === 'anonymous' ? address() : kind === 'key' ? `key ${id}` : `session ${credential ?? id}`

/** `refused` is called for each that is, and `lingers` when one more, or one less, stays open. */
export const createPlaces = (
  refused: () => void,
  waitMaxMs = WAIT_MAX_MS,
  lingers: (by: 1 | -1) => void = () => undefined,
): Places => {
  const callers = new Map<string, Caller>()
  let staying = 0
  const refuse = (why: string): Error => {
    refused()
    return Overloaded(`${why} Nothing was changed; send fewer at once, and this one again.`, { retryAfterMs: RETRY_MS })
  }
  const find = (name: string): Caller => {
    const known = callers.get(name)
    if (known) return known
    const made = { here: 0, working: 0, staying: 0, line: new Set<() => void>() }
    callers.set(name, made)
    return made
  }
  const changeStaying = (caller: Caller, by: 1 | -1): void => {
    caller.staying += by
    staying += by
    lingers(by)
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
        () =>
          end(refuse(`More than ${AT_ONCE_MAX} requests of yours are under way here, and this one waited too long.`)),
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
      let isStaying = false
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
        linger() {
          if (caller.staying >= STAYING_MAX || staying >= STAYING_ALL_MAX)
            throw refuse(`${caller.staying} requests of yours, and ${staying} in all, wait here, as many as may.`)
          isStaying = true
          caller.here--
          changeStaying(caller, 1)
        },
        leave() {
          if (isGone) return
          isGone = true
          if (isStaying) changeStaying(caller, -1)
          else caller.here--
          if (caller.here + caller.staying === 0) callers.delete(name)
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
