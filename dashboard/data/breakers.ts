// All breakers as the newest known: fetched once, then kept by the stream. Every page that shows one reads it here.
import type { Breaker } from '../../shared/breakers/contract.ts'
import { allBreakers, byService } from './all-breakers.ts'
import { api } from './api.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'

export const breakers = new Resource<ReadonlyMap<string, Breaker>>()

export const loadBreakers = (): Promise<void> =>
  breakers.load(async (signal) => byService(await allBreakers((query) => api.breakers.list({ query, signal }))))

/** Puts in one that an action answered with. */
export const takeBreaker = (breaker: Breaker): void =>
  breakers.set(new Map(breakers.value).set(breaker.service, breaker))

/** Fetches all and keeps them fresh. Answers how to stop. */
export const followBreakers = (): (() => void) => {
  void loadBreakers()
  const leave = live.state('state:breakers', (rows) => breakers.set(new Map(rows as ReadonlyMap<string, Breaker>)))
  const offGap = onGap(() => void loadBreakers())
  return () => {
    leave()
    offGap()
    breakers.stop()
  }
}
