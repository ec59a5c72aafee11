// Things that start and stop: one shape for all, so that whole processes can be put together from them.

/** Something that runs. `start` and `stop` may be called twice and in any order; `stop` returns when it has stopped. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** A service from a loop: `run` is called once on start and must end soon after the signal aborts. */
export const loop = (name: string, run: (signal: AbortSignal) => Promise<void>): Service => {
  let current: { abort: AbortController; done: Promise<void> } | undefined
  return {
    name,
    async start() {
      if (current) return
      const abort = new AbortController()
      current = { abort, done: run(abort.signal) }
      // A loop that throws ends its process through the unhandled rejection: it must never die silently.
    },
    async stop() {
      const stopping = current
      current = undefined
      stopping?.abort.abort()
      await stopping?.done
    },
  }
}
