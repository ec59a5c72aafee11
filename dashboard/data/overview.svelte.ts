// The overview as the newest known: fetched once, then kept by the stream. Pulse, navigation and the first page share it.
import type { Overview } from '../../shared/metrics/contract.ts'
import { api } from './api.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'

export const overview = new Resource<Overview>()

export const loadOverview = (): Promise<void> => overview.load((signal) => api.metrics.overview({ signal }))

/** Keeps the overview fresh while somebody is signed in. Answers how to stop. */
export const followOverview = (): (() => void) => {
  void loadOverview()
  const leave = live.state('state:overview', (rows) => {
    const row = rows.get('overview') as Overview | undefined
    if (row) overview.set(row)
  })
  const offGap = onGap(() => void loadOverview())
  return () => {
    leave()
    offGap()
    overview.stop()
  }
}
