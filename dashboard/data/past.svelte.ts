// How things stood at the moment the pages look back to, each fetched when a page shows it.
import type { Breaker } from '../../shared/breakers/contract.ts'
import { ApiError } from '../../shared/kernel/client.ts'
import type { Overview } from '../../shared/metrics/contract.ts'
import type { Queue } from '../../shared/queues/contract.ts'
import { instant } from '../ui/format.ts'
import { watch } from '../ui/watch.svelte.ts'
import { api } from './api.ts'
import { allBreakers, byService } from './all-breakers.ts'
import { rewound } from './looking-back.ts'
import { Resource } from './resource.svelte.ts'

export const past = {
  overview: new Resource<Overview>(),
  queues: new Resource<readonly Queue[]>(),
  breakers: new Resource<ReadonlyMap<string, Breaker>>(),
}
export type PastThing = keyof typeof past

/** Tells which moment an answer is of, or that nothing is kept of the one that was asked for. */
const told = async <Answer extends { as_of?: string | undefined }>(
  at: number,
  asking: Promise<Answer>,
): Promise<Answer> => {
  try {
    const answer = await asking
    rewound.tell(at, answer.as_of)
    return answer
  } catch (error) {
    if (error instanceof ApiError && error.code === 'moment-not-kept')
      rewound.lose(at, { oldest: instant(error.problem['oldest'] as string | undefined), detail: error.message })
    throw error
  }
}

const loads: Record<PastThing, (at: number, as_of: string) => Promise<void>> = {
  overview: (at, as_of) => past.overview.load((signal) => told(at, api.metrics.overview({ query: { as_of }, signal }))),
  queues: (at, as_of) =>
    past.queues.load(async (signal) => (await told(at, api.queues.list({ query: { as_of }, signal }))).data),
  breakers: (at, as_of) =>
    past.breakers.load(async (signal) =>
      byService(await allBreakers((page) => told(at, api.breakers.list({ query: { ...page, as_of }, signal })))),
    ),
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
  void loads[what](at, asOf)
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
