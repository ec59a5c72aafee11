// Who may be sent to now, in one process: so many at once to each endpoint, and a share of the slots for those that are slow
// or have not answered well lately, so that a thousand dead ones leave room for the good ones.
import { createBag } from '../kernel/bag.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProven } from './policy.ts'
import type { Standing } from './policy.ts'

/** Leave to send, until `leave` is called, or the time at which it is worth asking again. */
export type Entry = { readonly entered: true; readonly leave: (ms: number | undefined) => void } | Refused

export interface Refused {
  readonly entered: false
  readonly cause: 'breaker' | 'concurrency'
  readonly until: number
  /** The attempt in its way has only just begun, and may be over in a moment. */
  readonly isBrief?: boolean
}

export interface Desk {
  /** Asks for a place. Who asks an endpoint that answers fast waits for a moment where all places are taken. */
  enter(webhookId: string, concurrency: number, standing: Known): Entry | Promise<Entry>
  /** It rests by now: those who wait for it are sent away. */
  rest(webhookId: string, until: number): void
  /** How many more endpoints that are not proven may be tried now, and how many of those may have failed before. */
  roomForSuspects(): { all: number; failing: number }
  /** How many more deliveries to this endpoint may begin. */
  roomFor(webhookId: string, concurrency: number): number
}

export interface Known extends Standing {
  readonly restsUntil: number | undefined
}

interface Place {
  inFlight: number
  /** When the last of those began. */
  began: number
  /** How many of those are not answered after `SLOW_MS`. */
  hanging: number
  /** Mean time of its answers. */
  ms: number
  readonly waiting: ((entry: Entry) => void)[]
  isWatched: boolean
}

/** Endpoints that share what they may take; undefined for those that answer fast. */
type Sort = 'suspect' | 'slow' | undefined

interface Attempt {
  readonly place: Place
  readonly began: number
  sort: Sort
  /** Takes it out of those of which nobody knows yet how long they take. */
  settle: () => void
}

/** Who waits for its place keeps a slot; only where places are free again at once is that cheaper than coming again. */
const FAST_MS = 250
/** What takes longer is slow, and is so from then on, not when it is answered at last. */
const SLOW_MS = 1_000
/** What has lasted for so long is not over in a moment. */
const BRIEF_MS = 100
const WEIGHT = 0.2
const AGAIN_MS = 1_000
/** One that has not answered well is not tried twice at once; when the first try succeeds the others come at once. */
const TRIED_MS = 15_000
const PLACES_MAX = 5_000
const FAILING_SHARE = 0.75

/** `slots` is how many jobs the process runs at once. */
export const createDesk = ({ clock }: Pick<Kernel, 'clock'>, slots: number): Desk => {
  const places = new Map<string, Place>()
  const share = { suspect: Math.max(1, Math.floor(slots / 4)), slow: Math.max(1, Math.floor(slots / 2)) }
  // One endpoint alone cannot take them all before anybody knows that it hangs.
  const own = Math.ceil(slots / 4)
  // An endpoint that is new does not wait for all those that are known to fail.
  const failing = Math.ceil(share.suspect * FAILING_SHARE)
  const count = { suspect: 0, slow: 0 }
  /** Attempts at endpoints that answer fast. */
  const unanswered = createBag<Attempt>()
  /** None of them hangs before. */
  let hangsFrom = 0

  const placeOf = (id: string): Place => {
    const known = places.get(id)
    if (known) return known
    if (places.size >= PLACES_MAX) forgetIdle(places)
    const made: Place = { inFlight: 0, began: 0, hanging: 0, ms: 0, waiting: [], isWatched: false }
    places.set(id, made)
    return made
  }
  const findHanging = (now: number): void => {
    if (now < hangsFrom) return
    hangsFrom = now + SLOW_MS
    for (const attempt of unanswered) {
      if (now - attempt.began < SLOW_MS) hangsFrom = Math.min(hangsFrom, attempt.began + SLOW_MS)
      else hang(attempt)
    }
  }
  const hang = (attempt: Attempt): void => {
    attempt.settle()
    attempt.sort = 'slow'
    attempt.place.hanging++
    count.slow++
  }
  const sortOf = ({ ms, hanging }: Place, standing: Known): Sort => {
    if (!isProven(standing, clock.now())) return 'suspect'
    return hanging > 0 || ms > SLOW_MS ? 'slow' : undefined
  }
  const take = (place: Place, sort: Sort): Entry => {
    const attempt: Attempt = { place, began: clock.now(), sort, settle: nothing }
    place.inFlight++
    place.began = attempt.began
    if (sort) count[sort]++
    else attempt.settle = unanswered.add(attempt)
    return { entered: true, leave: (ms) => leave(attempt, sort, ms) }
  }
  const leave = (attempt: Attempt, sort: Sort, ms: number | undefined): void => {
    const { place } = attempt
    place.inFlight--
    attempt.settle()
    if (attempt.sort) count[attempt.sort]--
    if (attempt.sort !== sort) place.hanging--
    if (ms !== undefined) place.ms += (ms - place.ms) * (place.ms === 0 ? 1 : WEIGHT)
    const next = place.waiting.shift()
    if (next) next(take(place, undefined))
  }
  const wait = (place: Place, most: number): Entry | Promise<Entry> => {
    if (place.ms > FAST_MS || place.waiting.length >= most) return later('concurrency', AGAIN_MS)
    return new Promise((resolve) => {
      place.waiting.push(resolve)
      if (!place.isWatched) void watch(place)
    })
  }
  /** Sends those away who wait for an endpoint that hangs. */
  const watch = async (place: Place): Promise<void> => {
    place.isWatched = true
    while (place.waiting.length > 0) {
      await clock.sleep(SLOW_MS)
      findHanging(clock.now())
      if (place.hanging > 0) for (const each of place.waiting.splice(0)) each(later('concurrency', AGAIN_MS))
    }
    place.isWatched = false
  }
  const later = (cause: 'breaker' | 'concurrency', ms: number): Refused => ({
    entered: false,
    cause,
    until: clock.now() + ms,
  })
  return {
    enter(id, concurrency, standing) {
      const now = clock.now()
      if ((standing.restsUntil ?? 0) > now)
        return { entered: false, cause: 'breaker', until: standing.restsUntil ?? now }
      findHanging(now)
      const place = placeOf(id)
      const sort = sortOf(place, standing)
      const room = sort === 'suspect' && standing.failures > 0 ? failing : share[sort ?? 'slow']
      if (sort !== undefined && count[sort] >= room) return later(sort === 'slow' ? 'concurrency' : 'breaker', AGAIN_MS)
      // One at a time until it has shown that it answers.
      const most = sort === 'suspect' ? 1 : Math.min(concurrency, own)
      if (place.inFlight < most) return take(place, sort)
      if (sort === undefined) return wait(place, 4 * most)
      if (sort === 'slow') return later('concurrency', AGAIN_MS)
      return { ...later('concurrency', TRIED_MS), isBrief: now - place.began < BRIEF_MS }
    },
    rest(id, until) {
      for (const each of places.get(id)?.waiting.splice(0) ?? []) each({ entered: false, cause: 'breaker', until })
    },
    roomForSuspects: () => ({ all: share.suspect - count.suspect, failing: failing - count.suspect }),
    roomFor(id, concurrency) {
      const place = places.get(id)
      return Math.max(0, Math.min(concurrency, own) - (place?.inFlight ?? 0) - (place?.waiting.length ?? 0))
    },
  }
}

const nothing = (): void => undefined

const forgetIdle = (places: Map<string, Place>): void => {
  for (const [id, { inFlight }] of places) if (inFlight === 0) places.delete(id)
}
