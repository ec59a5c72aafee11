// One deadline over a whole attempt: everything that waits, waits for it too.
import { failure } from './error.ts'
import type { OutboundError } from './error.ts'

/** Passes after so many ms, or when the caller's signal fires. `end` must be called when the attempt is over: it lets go of the
 *  timer and the signal. */
export class Deadline {
  /** What to fail with once it has passed: `timeout_total`, or `aborted` when the caller's signal fired. */
  reason: OutboundError | undefined
  /** Called when it passes, by one who waits at a time: hearing a signal costs ten times as much. */
  onPass: ((reason: OutboundError) => void) | undefined
  readonly #host: string
  readonly #caller: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout
  readonly #abort = (): void => this.#pass(failure('aborted', this.#host, this.#caller?.reason))
  #controller: AbortController | undefined

  constructor(ms: number, host: string, caller?: AbortSignal) {
    this.#host = host
    this.#caller = caller
    this.#timer = setTimeout(() => this.#pass(failure('timeout_total', host)), ms)
    if (caller?.aborted === true) this.#abort()
    caller?.addEventListener('abort', this.#abort, { once: true })
  }
  /** Aborted with the reason; made for those who ask for it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.reason !== undefined) this.#controller.abort(this.reason)
    return this.#controller.signal
  }
  end(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#abort)
  }
  #pass(reason: OutboundError): void {
    if (this.reason !== undefined) return
    this.reason = reason
    this.#controller?.abort(reason)
    this.onPass?.(reason)
  }
}

/** `work`, or the signal's reason as soon as it is aborted; what `work` does afterwards is ignored. */
export async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
