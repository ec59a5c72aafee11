// The ways through all jobs that a search can take: by when they were made or ended, or along the lines of those not done.
import type { Bull, BullState, RawJob } from '../bullmq/bullmq.ts'
import type { JobField } from '../bullmq/raw-job.ts'
import { newestOf, toPlace } from '../bullmq/newest.ts'
import type { Place, Range, Source } from '../bullmq/newest.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { WINDOW, firstWindow, linesOf, lookThrough } from './lines.ts'
import type { Line, Window } from './lines.ts'
import { recentJobsKey } from './recent.ts'
import type { JobState } from './words.ts'

/** Where a walk stands: first the lines of jobs that are not done, in windows, then everything that has a time. */
export type Position =
  | { phase: 'lines'; window: Window; after?: Place | undefined }
  | { phase: 'times'; after?: Place | undefined }

/** One job on the way; `next` continues right behind it. */
export interface Entry {
  readonly address: Address
  /** Undefined where BullMQ has no such job. */
  readonly job: RawJob | undefined
  /** What it was found among; undefined where that tells no state. */
  readonly lies: BullState | undefined
  readonly next: Position
  /** Jobs of queues nobody asked for that lie before it in its stretch. */
  readonly passed: number
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

/** What terms look at; no payloads. */
export const WALK_FIELDS: readonly JobField[] = [
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

/** A sorted set, and the state of all its members. */
export interface Lying {
  readonly source: Source
  readonly lies: BullState | undefined
}

/** The sets of a queue that hold jobs of these states. */
export const setsOf = (bull: Bull, queue: string, states: ReadonlySet<JobState>): Lying[] => {
  const keys = bull.keys(queue)
  const set = (lies: BullState, key: string, more: Partial<Source> = {}): Lying => ({
    source: { key, queue, ...more },
    lies,
  })
  return [
    ...(states.has('delayed') ? [set('delayed', keys.delayed, { scale: 4_096 })] : []),
    ...(states.has('waiting_children') ? [set('waiting_children', keys.waitingChildren)] : []),
    ...(states.has('completed') ? [set('completed', keys.completed)] : []),
    ...(states.has('failed') || states.has('cancelled') || states.has('expired') ? [set('failed', keys.failed)] : []),
  ]
}

/** Where a walk by state looks: BullMQ's lists and sets of each queue, named by the states they hold. */
export interface Places {
  readonly queues: readonly string[]
  readonly placesOf: (queue: string) => ReadonlySet<JobState>
  /** Sets in which jobs of all queues lie: of those only the wanted ones are met. */
  readonly extra: readonly Lying[]
  readonly wants: WantsQueue
  readonly range: Range
}

/** Along BullMQ's own lists and sets: jobs not done come first, newest first within a window of each line; then, by
 *  their times, delayed ones by when they are due and ended ones by when they ended. */
export const wayByState = (kernel: Kernel, bull: Bull, { queues, placesOf, extra, wants, range }: Places): Way => {
  const lines = queues.flatMap((queue) => linesOf(bull, queue, placesOf(queue)))
  const sets = [...queues.flatMap((queue) => setsOf(bull, queue, placesOf(queue))), ...extra]
  const times = timesWay(kernel, bull, sets, range, wants)
  const along = linesWay(kernel, bull, lines)
  return {
    start: lines.length > 0 ? { phase: 'lines', window: firstWindow(WINDOW) } : { phase: 'times' },
    stretch: (from, most) => (from.phase === 'lines' ? along(from, most) : times(from.after, most)),
  }
}

/** By when they were made, newest first, as far back as the recorder's list goes. The list is one for all queues. */
export const wayByCreation = (kernel: Kernel, bull: Bull, range: Range, wants: WantsQueue): Way => {
  const recent = { source: { key: recentJobsKey(kernel), queue: null }, lies: undefined }
  const times = timesWay(kernel, bull, [recent], range, wants)
  return { start: { phase: 'times' }, stretch: (from, most) => times(from.after, most) }
}

/** Along sorted sets alone, merged by time. */
export const wayAlong = (kernel: Kernel, bull: Bull, sets: readonly Lying[], range: Range): Way => {
  const times = timesWay(kernel, bull, sets, range)
  return { start: { phase: 'times' }, stretch: (from, most) => times(from.after, most) }
}

const timesWay = (
  kernel: Kernel,
  bull: Bull,
  sets: readonly Lying[],
  range: Range,
  wants: WantsQueue = () => true,
): ((after: Place | undefined, most: number) => Promise<Stretch>) => {
  const sources = sets.map(({ source }) => source)
  const liesIn = new Map(sets.map(({ source, lies }) => [source, lies]))
  return async (after, most) => {
    const places = await newestOf(kernel, sources, most, after, range)
    const addressed = places.flatMap((place, at) => {
      const address = parseAddress(place.address)
      return address && wants(address.queue) ? [{ place, address, at }] : []
    })
    const jobs = await bull.readRaw(
      addressed.map(({ address }) => address),
      WALK_FIELDS,
    )
    const entries = addressed.map(({ place, address, at }, index) => ({
      address,
      job: jobs[index],
      lies: liesIn.get(place.source),
      next: { phase: 'times', after: toPlace(place) } as const,
      passed: at - index,
    }))
    const last = places.at(-1)
    const then = places.length < most || !last ? null : ({ phase: 'times', after: toPlace(last) } as const)
    return { entries, passed: places.length - entries.length, then }
  }
}

/** One window of some lines, newest first. */
interface View {
  readonly here: Window
  readonly then: Window | undefined
  readonly members: readonly { line: Line; address: Address; place: Place; job: RawJob | undefined }[]
  /** Whether its jobs were read with all that is looked at, or only with when they were made. */
  readonly isWhole: boolean
}

/** Along windows of some lines, each newest first. A job that moves on meanwhile can be met again where it moved to. */
const linesWay = (
  kernel: Kernel,
  bull: Bull,
  lines: readonly Line[],
): ((from: Extract<Position, { phase: 'lines' }>, most: number) => Promise<Stretch>) => {
  // What one call looks at is mostly several stretches of one window.
  let last: View | undefined
  return async ({ window, after }, most) => {
    const isFirst = last?.here !== window
    const view = isFirst || !last ? await viewOf(kernel, bull, lines, window, most) : last
    last = view
    const left = view.members.filter(({ place }) => after === undefined || comparePlaces(after, place) < 0)
    // Where the first stretch was not enough, most jobs are not meant, and the rest is read at once.
    const some = isFirst ? left.slice(0, most) : left
    const jobs = view.isWhole ? some.map(({ job }) => job) : await bull.readRaw(some.map(({ address }) => address), WALK_FIELDS) // prettier-ignore
    const entries = some.map(({ address, line, place }, index) => ({
      address,
      job: jobs[index],
      lies: line.state,
      next: { phase: 'lines', window: view.here, after: place } as const,
      passed: 0,
    }))
    const next = some.length < left.length ? entries.at(-1)?.next : undefined
    const behind: Position = view.then ? { phase: 'lines', window: view.then } : { phase: 'times' }
    return { entries, passed: 0, then: next ?? behind }
  }
}

/** When they were made puts them in order; that alone is read where few of them are looked at. */
const viewOf = async (
  kernel: Kernel,
  bull: Bull,
  lines: readonly Line[],
  window: Window,
  most: number,
): Promise<View> => {
  const { members, here, then } = await lookThrough(kernel, lines, window)
  const isWhole = 2 * most >= members.length
  const addresses = members.map(({ line, id }) => ({ queue: line.queue, id }))
  const jobs = await bull.readRaw(addresses, isWhole ? WALK_FIELDS : ['timestamp'])
  return {
    ...{ here, then, isWhole },
    members: members
      .map(({ line }, index) => {
        const [address, job] = [addresses[index] as Address, jobs[index]]
        return { line, address, job, place: { at: job?.timestamp ?? 0, address: formatAddress(address) } }
      })
      .sort((a, b) => comparePlaces(a.place, b.place)),
  }
}

const comparePlaces = (a: Place, b: Place): number =>
  b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0)
