// Bounds how many connections are open at a time, for each origin and in all; who comes later waits in line.
import { within } from './deadline.ts'

export interface Slots {
  /** Answers what gives the slot back: at once where one is free, else when one is; rejects with the reason of the waiting one's
   *  `signal` when that is aborted. */
  take(origin: string, waiting: { readonly signal: AbortSignal }): (() => void) | Promise<() => void>
}

export function createSlots(perOrigin: number, total: number): Slots {
  const open = new Map<string, number>()
  const waiting = new Set<{ origin: string; go: () => void }>()
  let all = 0

  const hasRoom = (origin: string): boolean => all < total && (open.get(origin) ?? 0) < perOrigin

  const change = (origin: string, by: 1 | -1): void => {
    all += by
    const count = (open.get(origin) ?? 0) + by
    if (count === 0) open.delete(origin)
    else open.set(origin, count)
  }

  const giveBack = (origin: string): void => {
    change(origin, -1)
    if (waiting.size === 0) return
    const next = [...waiting].find((waiter) => hasRoom(waiter.origin))
    if (next !== undefined) admit(next)
  }

  const admit = (waiter: { origin: string; go: () => void }): void => {
    waiting.delete(waiter)
    change(waiter.origin, 1)
    waiter.go()
  }

  const once = (origin: string): (() => void) => {
    let given = false
    return () => {
      if (!given) giveBack(origin)
      given = true
    }
  }

  const waitFor = async (origin: string, signal: AbortSignal): Promise<() => void> => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const waiter = { origin, go: () => resolve(undefined) }
    waiting.add(waiter)
    try {
      await within(signal, promise)
    } catch (reason) {
      // Admitted and aborted in the same moment: the slot goes to the next in line.
      if (!waiting.delete(waiter)) giveBack(origin)
      throw reason
    }
    return once(origin)
  }

  return {
    take(origin, waiting) {
      if (!hasRoom(origin)) return waitFor(origin, waiting.signal)
      change(origin, 1)
      return once(origin)
    },
  }
}
