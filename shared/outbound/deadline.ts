// One deadline over a whole attempt: everything that waits, waits for this signal too.
import { failure } from './error.ts'

export interface Deadline {
  /** Aborted with the `OutboundError` to fail with: `timeout_total`, or `aborted` when the caller's signal fired. */
  signal: AbortSignal
  /** Must be called when the attempt is over; lets go of the timer and the caller's signal. */
  end(): void
}

export function startDeadline(ms: number, host: string, caller?: AbortSignal): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(failure('timeout_total', host)), ms)
  const abort = (): void => controller.abort(failure('aborted', host, caller?.reason))
  if (caller?.aborted === true) abort()
  caller?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', abort)
    },
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
