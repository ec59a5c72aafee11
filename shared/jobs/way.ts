// Which way a search takes: the one that passes the fewest jobs in vain.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Range } from '../bullmq/newest.ts'
import { trailsOf, usableQueues } from '../dlq/trails.ts'
import type { DlqFilter } from '../dlq/words.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import type { Held } from '../services/held.ts'
import { createPictures } from '../triage/picture.ts'
import type { Pictures } from '../triage/picture.ts'
import type { Reading } from './read.ts'
import { recentJobsKey } from './recent.ts'
import type { JobsSearched, SearchWhere } from './search-words.ts'
import { wayAlong, wayByCreation, wayByState } from './walk.ts'
import type { Places, Way } from './walk.ts'
import { both, mustBe, queuesOf, rangeOf, statesOf } from './where-bounds.ts'
import type { JobState } from './words.ts'

export interface Chosen {
  readonly way: Way
  readonly name: JobsSearched['way']
  /** Jobs accepted before are not on the way; null where all there are lie on it. */
  readonly since: string | null
  /** Queues whose jobs wait for a service, where that was looked up. */
  readonly held: ReadonlyMap<string, Held>
}

export interface Searching extends Reading {
  readonly pictures: Pictures
}

export const createSearching = (reading: Reading): Searching => ({
  ...reading,
  pictures: createPictures(reading.kernel),
})

export interface Asked {
  where?: SearchWhere | undefined
  sort: '-created_at' | '-finished_at'
}

const ENDED: ReadonlySet<JobState> = new Set(['completed', 'failed', 'cancelled', 'skipped', 'expired'])
/** Without a list of the recorder's all jobs lie somewhere else. */
const STORED: ReadonlySet<JobState> = new Set([
  ...['active', 'waiting', 'prioritized', 'delayed', 'parked', 'waiting_children'],
  ...ENDED,
] as JobState[])

/** Clocks of producers differ from Redis's: what is bounded by when jobs were made is so with this to spare. */
const SKEW_MS = 60_000

export const chooseWay = async (
  reading: Searching,
  principal: Pick<Principal, 'queues'>,
  { where, sort }: Asked,
): Promise<Chosen> => {
  const { kernel, bull } = reading
  const { names, fits } = queuesOf(where)
  const wants = (queue: string): boolean => allowsQueue(principal, queue) && fits(queue)
  const bounds = statesOf(where)
  const states = sort === '-finished_at' ? both(bounds, ENDED) : bounds
  // A job whose hash is in no list can be met only along the list of all.
  const since = states.has('unknown') ? await oldestKnown(kernel) : undefined
  if (since !== undefined) {
    const way = wayByCreation(kernel, bull, aroundCreation(where), wants)
    return { way, name: 'created', since, held: new Map() }
  }
  const queues = (await queuesThere(reading, names)).filter(wants)
  const placed = both(states, STORED)
  return (await wayByErrors(reading, queues, placed, where)) ?? byState(reading, { queues, wants }, placed, where)
}

/** The queues there are, or those of the names. */
const queuesThere = async ({ bull }: Reading, names: readonly string[] | undefined): Promise<readonly string[]> => {
  if (names === undefined) return bull.current()
  const there = await Promise.all(names.map((queue) => bull.exists(queue)))
  return names.filter((_, index) => there[index])
}

const oldestKnown = async (kernel: Kernel): Promise<string | undefined> => {
  const [, score] = await kernel.redis.zrange(recentJobsKey(kernel), 0, 0, 'WITHSCORES')
  return score === undefined ? undefined : toIso(Math.max(0, Number(score)))
}

const aroundCreation = (where: SearchWhere | undefined): Range => {
  const { from, before } = rangeOf(where, 'created_at')
  return { from: from && from - SKEW_MS, before: before && before + SKEW_MS }
}

/** No job is due or ends before it was made. When it ended it is looked for by that. */
const rangeOfTimes = (where: SearchWhere | undefined, states: ReadonlySet<JobState>): Range => {
  const { from: made } = aroundCreation(where)
  if ([...states].some((state) => !ENDED.has(state))) return { from: made }
  const { from, before } = rangeOf(where, 'finished_at')
  // What was cancelled before it ran is listed a moment after it was.
  const spare = states.has('cancelled') || states.has('skipped') ? SKEW_MS : 0
  const froms = [made, from && from - spare].filter((one) => one !== undefined)
  return { from: froms.length === 0 ? undefined : Math.max(...froms), before: before && before + spare }
}

const byState = async (
  { kernel, bull, gone }: Reading,
  { queues, wants }: Pick<Places, 'queues' | 'wants'>,
  states: ReadonlySet<JobState>,
  where: SearchWhere | undefined,
): Promise<Chosen> => {
  const asksForLines = states.has('parked') || states.has('waiting') || states.has('prioritized')
  const held = asksForLines ? await readHeld(kernel, queues) : new Map<string, Held>()
  const way = wayByState(kernel, bull, {
    queues,
    placesOf: (queue) => placesFor(states, held.has(queue)),
    extra:
      states.has('cancelled') || states.has('skipped')
        ? [{ source: { key: gone.listKey, queue: null }, lies: undefined }]
        : [],
    wants,
    range: rangeOfTimes(where, states),
  })
  return { way, name: 'state', since: null, held }
}

/** Where jobs of these states lie: parked ones among the delayed, and in the lines of a queue that is held. */
const placesFor = (states: ReadonlySet<JobState>, isHeld: boolean): ReadonlySet<JobState> => {
  const places = new Set(states)
  if (states.has('parked')) places.add('delayed')
  for (const line of ['waiting', 'prioritized'] as const) {
    if (isHeld && states.has('parked')) places.add(line)
    if (isHeld && !states.has('parked')) places.delete(line)
  }
  return places
}

/** Dead letters of a name or an error lie together in the index that the recorder keeps of them. */
const wayByErrors = async (
  { kernel, bull, pictures }: Searching,
  queues: readonly string[],
  states: ReadonlySet<JobState>,
  where: SearchWhere | undefined,
): Promise<Chosen | undefined> => {
  const [name, errorClass] = [mustBe(where, 'name'), mustBe(where, 'error_class')]
  if (!states.has('failed') || states.size > 1 || (name ?? errorClass) === undefined) return undefined
  const usable = await usableQueues(kernel)
  if (queues.length === 0 || !queues.every((queue) => usable.has(queue))) return undefined
  const filter = { name, error_class: errorClass } as DlqFilter
  const { trails, indexed } = trailsOf(kernel, bull, await pictures.read(), queues, filter, usable)
  if (!indexed) return undefined
  const sets = trails.map(({ source }) => ({ source, lies: 'failed' as const }))
  return {
    way: wayAlong(kernel, bull, sets, rangeOfTimes(where, states)),
    name: 'errors',
    since: null,
    held: new Map(),
  }
}
