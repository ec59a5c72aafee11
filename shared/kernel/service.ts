// Things that start and stop: one shape for all, so that whole processes can be put together from them.

/** Something that runs. `start` and `stop` may be called twice and in any order; `stop` returns when it has stopped. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** One service made of several: starts in order, stops in reverse; a failed start stops what had begun. */
export const group = (name: string, ...services: Service[]): Service => {
  const running: Service[] = []
  const stop = async (): Promise<void> => {
    for (let service = running.pop(); service; service = running.pop()) await service.stop()
  }
  return {
    name,
    async start() {
      for (const service of services) {
        if (running.includes(service)) continue
        running.push(service)
        await service.start().catch(async (error: unknown) => {
          await stop()
          throw error
        })
      }
    },
    stop,
  }
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
