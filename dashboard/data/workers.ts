// The worker processes as the newest known: fetched, and fetched again every few seconds, which is how often they tell of themselves.
import type { Worker } from '../../shared/workers/contract.ts'
import { api } from './api.ts'
import { createBurst } from './burst.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'
import { asRoutine } from './routine.ts'

export const workers = new Resource<readonly Worker[]>()

const LOOK_MS = 5_000

export const loadWorkers = (): Promise<void> =>
  workers.load(async (signal) => (await api.workers.list({ signal })).data)

/** Fetches all and keeps them fresh. Answers how to stop. */
export const followWorkers = (): (() => void) => {
  void loadWorkers()
  const burst = createBurst(loadWorkers)
  const leave = live.events('worker:*', burst.happened)
  const offGap = onGap(() => void loadWorkers())
  const timer = setInterval(() => {
    if (!document.hidden) asRoutine(() => void burst.now())
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    burst.stop()
    leave()
    offGap()
    workers.stop()
  }
}
