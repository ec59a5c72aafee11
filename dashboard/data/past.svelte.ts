// How things stood at the moment the pages look back to, each fetched when a page shows it.
import type { Breaker } from '../../shared/breakers/contract.ts'
import type { Overview } from '../../shared/metrics/contract.ts'
import type { Queue } from '../../shared/queues/contract.ts'
import { watch } from '../ui/watch.svelte.ts'
import { api } from './api.ts'
import { rewound } from './looking-back.ts'
import { Resource } from './resource.svelte.ts'

/** The most that one answer holds. */
const PAGE_MAX = 200

export const past = {
  overview: new Resource<Overview>(),
  queues: new Resource<readonly Queue[]>(),
  breakers: new Resource<ReadonlyMap<string, Breaker>>(),
}
export type PastThing = keyof typeof past

const loads: Record<PastThing, (as_of: string) => Promise<void>> = {
  overview: (as_of) =>
    past.overview.load(async (signal) => {
      const answer = await api.metrics.overview({ query: { as_of }, signal })
      rewound.tell(answer.as_of)
      return answer
    }),
  queues: (as_of) =>
    past.queues.load(async (signal) => {
      const answer = await api.queues.list({ query: { as_of }, signal })
      rewound.tell(answer.as_of)
      return answer.data
    }),
  breakers: (as_of) =>
    past.breakers.load(async (signal) => {
      const answer = await api.breakers.list({ query: { as_of, limit: PAGE_MAX }, signal })
      rewound.tell(answer.as_of)
      return new Map(answer.data.map((breaker) => [breaker.service, breaker]))
    }),
}

const loadedFor: Partial<Record<PastThing, number>> = {}

/** Fetches how one of them stood; nothing while the pages are live. What was of another moment is not shown meanwhile. */
export const loadPast = (what: PastThing): void => {
  const { at, asOf } = rewound
  if (at === undefined || asOf === undefined) return
  if (loadedFor[what] !== at) {
    past[what].value = undefined
    past[what].failure = undefined
  }
  loadedFor[what] = at
  void loads[what](asOf)
}

/** Fetches it now and whenever the pages look at another moment. Call it while a component is set up. */
export const followPast = (what: PastThing): void =>
  watch(
    () => rewound.at,
    () => {
      loadPast(what)
      return undefined
    },
  )
