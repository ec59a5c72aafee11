// All event sources as the newest known: fetched, and fetched again when one is changed or something comes through one.
import type { EventSource } from '../../shared/inbound/contract.ts'
import { api } from './api.ts'
import { createBurst } from './burst.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'
import { asRoutine } from './routine.ts'

export const eventSources = new Resource<readonly EventSource[]>()

const SOURCES_SHOWN = 200
/** Nothing tells of what is refused. */
const LOOK_MS = 5_000

export const loadEventSources = (): Promise<void> =>
  eventSources.load(async (signal) => (await api.eventSources.list({ query: { limit: SOURCES_SHOWN }, signal })).data)

/** Calls back when sources changed or something may have come through one. Answers how to stop. */
export const onSources = (happened: () => Promise<unknown>): (() => void) => {
  const burst = createBurst(happened)
  const timer = setInterval(() => !document.hidden && asRoutine(() => void burst.now()), LOOK_MS)
  const leaves = [
    live.events('event-source:*', burst.happened),
    live.events('event:webhook.received', burst.happened),
    onGap(() => void happened()),
  ]
  return () => {
    clearInterval(timer)
    burst.stop()
    leaves.forEach((leave) => leave())
  }
}

/** Fetches all and keeps them fresh. Answers how to stop. */
export const followEventSources = (): (() => void) => {
  void loadEventSources()
  const leave = onSources(loadEventSources)
  return () => {
    leave()
    eventSources.stop()
  }
}
