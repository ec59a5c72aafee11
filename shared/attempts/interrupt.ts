// How a running attempt is ended from outside.
import { setMaxListeners } from 'node:events'

/** Ends one attempt, once; the first reason counts. */
export class Interrupt {
  /** Why it was ended; undefined while it runs. */
  reason: Error | undefined
  /** Called when it is ended. The pipeline's own way to hear of it: a listener on the signal costs every attempt ten times
   *  what this does. */
  onEnd: ((reason: Error) => void) | undefined
  /** Made when somebody asks for the signal: most handlers never do, and making one costs more than the rest of an attempt. */
  #controller: AbortController | undefined

  /** Aborted with the reason when the attempt is ended. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      // Many listeners are what a handler with many calls at once makes; they are no leak.
      setMaxListeners(0, this.#controller.signal)
      if (this.reason !== undefined) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }

  end(reason: Error): void {
    if (this.reason !== undefined) return
    this.reason = reason
    this.#controller?.abort(reason)
    this.onEnd?.(reason)
  }
}
