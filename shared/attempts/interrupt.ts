// How a running attempt is ended from outside, at no cost to the many that never are: signals are made when asked for.
import { setMaxListeners } from 'node:events'

/** Ends one attempt, once; the first reason counts. */
export class Interrupt {
  /** Why it was ended; undefined while it runs. */
  reason: Error | undefined
  /** Called when it is ended. */
  onEnd: ((reason: Error) => void) | undefined
  #controller: AbortController | undefined

  /** Aborted with the reason when the attempt is ended. */
  get signal(): AbortSignal {
    return (this.#controller ??= this.#make()).signal
  }

  end(reason: Error): void {
    if (this.reason !== undefined) return
    this.reason = reason
    this.#controller?.abort(reason)
    this.onEnd?.(reason)
  }

  #make(): AbortController {
    const controller = new AbortController()
    // Many listeners are what a handler with many calls at once makes; they are no leak.
    setMaxListeners(0, controller.signal)
    if (this.reason !== undefined) controller.abort(this.reason)
    return controller
  }
}
