// Something loaded from the API: the last good value stays while a newer one is on its way or fails.
import { failureOf, isStillRefused, wasAborted, type Failure } from './failure.ts'
import { isRoutine } from './routine.ts'

export class Resource<Value> {
  value = $state.raw<Value>()
  failure = $state.raw<Failure>()
  loading = $state(false)
  #latest: AbortController | undefined

  /** Loads anew, calling off a load still under way. A failure leaves the value as it was; what was refused is not asked for
   *  again as a matter of routine, or not before the time that was told. */
  async load(call: (signal: AbortSignal) => Promise<Value>): Promise<void> {
    if (isRoutine() && this.failure && isStillRefused(this.failure)) return
    this.#latest?.abort()
    const mine = (this.#latest = new AbortController())
    this.loading = true
    try {
      const value = await call(mine.signal)
      if (this.#latest !== mine) return
      this.value = value
      this.failure = undefined
    } catch (error) {
      if (this.#latest !== mine || wasAborted(error)) return
      this.failure = failureOf(error)
    } finally {
      if (this.#latest === mine) this.loading = false
    }
  }

  /** Puts in a value that came another way, such as over the stream. */
  set(value: Value): void {
    this.value = value
    this.failure = undefined
  }

  stop(): void {
    this.#latest?.abort()
    this.loading = false
  }
}
