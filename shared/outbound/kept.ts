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
  readonly timer: NodeJS.Timeout
}

/** Keeps at most `most` connections, each for `idleMs`: shorter than receivers do, so that hardly one ends under a call. */
export const createKept = (idleMs: number, most: number): Kept => {
  const byOrigin = new Map<string, Idle[]>()
  let count = 0
  const remove = (origin: string, idle: Idle): void => {
    const left = (byOrigin.get(origin) ?? []).filter((other) => other !== idle)
    if (left.length === 0) byOrigin.delete(origin)
    else byOrigin.set(origin, left)
    count--
    clearTimeout(idle.timer)
  }
  const expire = (origin: string, idle: Idle): void => {
    remove(origin, idle)
    idle.wire.close()
  }
  return {
    take(origin) {
      for (;;) {
        const newest = byOrigin.get(origin)?.at(-1)
        if (newest === undefined) return undefined
        remove(origin, newest)
        if (newest.wire.isSound()) return newest.wire
        newest.wire.close()
      }
    },
    put(origin, wire) {
      if (idleMs === 0 || count >= most || !wire.isSound()) {
        wire.close()
        return
      }
      const idle: Idle = { wire, timer: setTimeout(() => expire(origin, idle), idleMs).unref() }
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), idle])
      count++
    },
  }
}
