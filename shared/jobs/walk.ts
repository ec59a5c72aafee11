// The ways through all jobs that a list can take: by when they were made or ended, or along the lines of those not done.
import type { Bull, RawJob } from '../bullmq/bullmq.ts'
import type { JobField } from '../bullmq/raw-job.ts'
import { newestOf, toPlace } from '../bullmq/newest.ts'
import type { Place, Range, Source } from '../bullmq/newest.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { JobState } from './words.ts'

/** Where a walk stands: first the lines of jobs that are not done, in windows, then everything that has a time. */
export type Position =
  | { phase: 'lines'; offset: number; size: number; after?: Place | undefined }
  | { phase: 'times'; after?: Place | undefined }

/** One job on the way; `next` continues right behind it. */
export interface Entry {
  readonly address: Address
  readonly job: RawJob | undefined
  readonly next: Position
}

/** Some jobs of the way in order, and where it goes on behind them; null at its end. */
export interface Stretch {
  readonly entries: readonly Entry[]
  /** Jobs of queues nobody asked for, which were passed without being read. */
  readonly passed: number
  readonly then: Position | null
}

/** Whether jobs of a queue are asked for. */
export type WantsQueue = (queue: string) => boolean

export interface Way {
  readonly start: Position
  stretch(from: Position, most: number): Promise<Stretch>
}

/** What filters look at; no payloads. */
const FIELDS: readonly JobField[] = [
  'name',
  'opts',
  'timestamp',
  'finishedOn',
  'delay',
  'atm',
  'ats',
  'failedReason',
  'k1nCancelled',
  'k1nReason',
  'k1nError',
  'k1nPark',
]

interface Line {
  readonly key: string
  readonly queue: string
  readonly kind: 'list' | 'set'
}

const linesOf = (bull: Bull, queue: string, states: ReadonlySet<JobState>): Line[] => {
  const keys = bull.keys(queue)
  const waiting: Line[] = [
    { key: keys.wait, queue, kind: 'list' },
    { key: keys.legacyPaused, queue, kind: 'list' },
  ]
  return [
    ...(states.has('active') ? [{ key: keys.active, queue, kind: 'list' as const }] : []),
    ...(states.has('waiting') ? waiting : []),
    ...(states.has('prioritized') ? [{ key: keys.prioritized, queue, kind: 'set' as const }] : []),
  ]
}

const sourcesOf = (bull: Bull, queue: string, states: ReadonlySet<JobState>): Source[] => {
  const keys = bull.keys(queue)
  return [
    ...(states.has('delayed') ? [{ key: keys.delayed, queue, scale: 4_096 }] : []),
    ...(states.has('waiting_children') ? [{ key: keys.waitingChildren, queue }] : []),
    ...(states.has('completed') ? [{ key: keys.completed, queue }] : []),
    ...(states.has('failed') || states.has('cancelled') || states.has('expired') ? [{ key: keys.failed, queue }] : []),
  ]
}

/** Where a walk by state looks: BullMQ's lists and sets of each queue, named by the states they hold. */
export interface Places {
  readonly queues: readonly string[]
  readonly placesOf: (queue: string) => ReadonlySet<JobState>
  readonly extra: readonly Source[]
  readonly window: number
}

/** Along BullMQ's own lists and sets: jobs not done come first, newest first within a window of each line; then, by
 *  their times, delayed ones by when they are due and ended ones by when they ended. */
export const wayByState = (kernel: Kernel, bull: Bull, { queues, placesOf, extra, window }: Places): Way => {
  const lines = queues.flatMap((queue) => linesOf(bull, queue, placesOf(queue)))
  const sources = [...queues.flatMap((queue) => sourcesOf(bull, queue, placesOf(queue))), ...extra]
  const times = timesWay(kernel, bull, sources)
  return {
    start: lines.length > 0 ? { phase: 'lines', offset: 0, size: window } : { phase: 'times' },
    stretch: (from, most) => (from.phase === 'lines' ? windowOf(kernel, bull, lines, from) : times(from.after, most)),
  }
}

/** By when they were made, newest first, as far back as the recorder's list goes. The list is one for all queues. */
export const wayByCreation = (kernel: Kernel, bull: Bull, range: Range, wants: WantsQueue): Way => {
  const times = timesWay(kernel, bull, [{ key: kernel.key('jobs', 'recent'), queue: null }], range, wants)
  return { start: { phase: 'times' }, stretch: (from, most) => times(from.after, most) }
}

const timesWay =
  (kernel: Kernel, bull: Bull, sources: readonly Source[], range?: Range, wants: WantsQueue = () => true) =>
  async (after: Place | undefined, most: number): Promise<Stretch> => {
    const places = await newestOf(kernel, sources, most, after, range)
    const addressed = places.flatMap((place) => {
      const address = parseAddress(place.address)
      return address && wants(address.queue) ? [{ place, address }] : []
    })
    const jobs = await bull.readRaw(
      addressed.map(({ address }) => address),
      FIELDS,
    )
    const entries = addressed.map(({ place, address }, index) => ({
      address,
      job: jobs[index],
      next: { phase: 'times', after: toPlace(place) } as const,
    }))
    const last = places.at(-1)
    const then = places.length < most || !last ? null : ({ phase: 'times', after: toPlace(last) } as const)
    return { entries, passed: places.length - entries.length, then }
  }

/** One window of every line. Jobs that come while somebody turns pages shift the windows: one may be seen twice, none
 *  that stays is left out. */
const windowOf = async (
  kernel: Kernel,
  bull: Bull,
  lines: readonly Line[],
  { offset, size, after }: Extract<Position, { phase: 'lines' }>,
): Promise<Stretch> => {
  const share = Math.max(10, Math.floor(size / Math.max(1, lines.length)))
  const found = await membersOf(kernel, lines, offset, share)
  const jobs = await bull.readRaw(
    found.map(({ address }) => address),
    FIELDS,
  )
  const entries = found
    .map(({ address }, index) => ({
      address,
      job: jobs[index],
      place: { at: jobs[index]?.timestamp ?? 0, address: formatAddress(address) },
    }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .filter(({ place }) => after === undefined || comparePlaces(after, place) < 0)
    .map(({ address, job, place }) => ({ address, job, next: { phase: 'lines', offset, size, after: place } as const }))
  const more = found.some(({ last }) => last)
  return { entries, passed: 0, then: more ? { phase: 'lines', offset: offset + share, size } : { phase: 'times' } }
}

const comparePlaces = (a: Place, b: Place): number =>
  b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0)

/** `last` marks a line that filled its window, so that it may go on. */
const membersOf = async (
  kernel: Kernel,
  lines: readonly Line[],
  offset: number,
  share: number,
): Promise<{ address: Address; last: boolean }[]> => {
  if (lines.length === 0) return []
  const pipeline = kernel.redis.pipeline()
  for (const { key, kind } of lines)
    if (kind === 'list') pipeline.lrange(key, offset, offset + share - 1)
    else pipeline.zrange(key, offset, offset + share - 1)
  const replies = (await pipeline.exec()) ?? []
  return lines.flatMap(({ queue }, line) => {
    const [error, ids] = replies[line] ?? []
    if (error && !error.message.startsWith('WRONGTYPE')) throw error
    const members = error ? [] : (ids as string[])
    return members.map((id, index) => ({ address: { queue, id }, last: index === share - 1 }))
  })
}
