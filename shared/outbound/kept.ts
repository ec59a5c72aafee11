// Connections that are kept for the next call to the same place, for some seconds.
import type { Wire } from './exchange.ts'

export interface Kept {
  /** A sound connection to this origin, if one was kept. */
  take(origin: string): Wire | undefined
  /** Keeps it for others, or closes it when it is not sound or there are too many. */
  put(origin: string, wire: Wire): void
}

interface Idle {
  readonly wire: Wire
  readonly until: number
}

/** Keeps at most `most` connections, and hands out none after `idleMs`: shorter than receivers do, so that hardly one ends under a
 *  call. One timer closes them, so that a call sets none. */
export const createKept = (idleMs: number, most: number): Kept => {
  /** The newest last. */
  const byOrigin = new Map<string, Idle[]>()
  let count = 0
  let timer: NodeJS.Timeout | undefined
  const drop = (idle: Idle): void => {
    count--
    idle.wire.close()
  }
  const sweep = (): void => {
    const now = performance.now()
    for (const [origin, idles] of byOrigin) {
      const left = idles.filter(({ until }) => until > now)
      for (const idle of idles) if (idle.until <= now) drop(idle)
      if (left.length === 0) byOrigin.delete(origin)
      else byOrigin.set(origin, left)
    }
    timer = count === 0 ? undefined : setTimeout(sweep, idleMs).unref()
  }
  return {
    take(origin) {
      const idles = byOrigin.get(origin)
      for (let idle = idles?.pop(); idle !== undefined; idle = idles?.pop()) {
        if (idle.until > performance.now() && idle.wire.isSound()) {
          count--
          return idle.wire
        }
        drop(idle)
      }
      return undefined
    },
    put(origin, wire) {
      if (idleMs === 0 || count >= most || !wire.isSound()) {
        wire.close()
        return
      }
      const idles = byOrigin.get(origin)
      const idle = { wire, until: performance.now() + idleMs }
      if (idles === undefined) byOrigin.set(origin, [idle])
      else idles.push(idle)
      count++
      timer ??= setTimeout(sweep, idleMs).unref()
    },
  }
}
