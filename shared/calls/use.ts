// Calling a service inside a handler: `services.call('spotify', fn, { signal })`.
import type { LastGood } from '../budgets/last-good.ts'
import { ServiceHeld } from './entry.ts'
import type { Calls } from './calls.ts'

export interface CallOptions {
  /** Units of the service's budget the call costs; 1. */
  cost?: number
  /** When it fires, the call counts for nothing: it was given up, and says nothing of the service. */
  signal?: AbortSignal
}

/** A value, and whether it is one from before. */
export interface Recalled<T> {
  readonly value: T
  readonly stale: boolean
  readonly ageMs: number
}

export interface ServiceCalls {
  /** Calls a service past its breaker, places and budget. Throws `ServiceHeld` when it lets nobody in: thrown on, it parks the
   *  job until then and costs no attempt. What `fn` throws is thrown on, and counted. */
  call<T>(service: string, fn: () => Promise<T> | T, options?: CallOptions): Promise<T>
  /** The same, and where that does not work the last good answer under this key, if it is not older than `maxAgeMs`. It says
   *  that it is stale. Without one, what went wrong is thrown. Answers must be JSON. */
  callOrRecall<T>(
    service: string,
    fn: () => Promise<T> | T,
    options: CallOptions & { key: string; maxAgeMs: number },
  ): Promise<Recalled<T>>
}

export const createServiceCalls = (calls: Calls, lastGood: LastGood): ServiceCalls => {
  const call = async <T>(
    service: string,
    fn: () => Promise<T> | T,
    { cost = 1, signal }: CallOptions = {},
  ): Promise<T> => {
    signal?.throwIfAborted()
    const entry = await calls.enter(service, { cost })
    if (!entry.entered) throw new ServiceHeld(entry.hold)
    try {
      const value = await fn()
      entry.leave({ is: 'succeeded' })
      return value
    } catch (error) {
      entry.leave(signal?.aborted === true ? { is: 'undecided' } : { is: 'failed', error })
      throw error
    }
  }
  return {
    call,
    async callOrRecall<T>(
      service: string,
      fn: () => Promise<T> | T,
      { key, maxAgeMs, ...options }: CallOptions & { key: string; maxAgeMs: number },
    ): Promise<Recalled<T>> {
      try {
        const value = await call(service, fn, options)
        await lastGood.keep(service, key, value)
        return { value, stale: false, ageMs: 0 }
      } catch (error) {
        const kept = await lastGood.recall(service, key, maxAgeMs)
        if (kept === undefined) throw error
        return { value: kept.value as T, stale: true, ageMs: kept.ageMs }
      }
    },
  }
}
