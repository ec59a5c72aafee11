// Where the dead letters that are meant can lie: ranges of the index whose entries all fit, or sets to look through.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Source } from '../bullmq/newest.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { groupOf } from '../triage/aliases.ts'
import { readAllBuilt } from '../triage/built.ts'
import type { Picture } from '../triage/groups.ts'
import { entriesKey } from '../triage/keys.ts'
import { REST_ID } from '../triage/part.ts'
import type { Facet, Part } from '../triage/part.ts'
import { baseOf } from '../triage/place.ts'
import type { DlqFilter } from './words.ts'

export type Look = 'nothing' | 'text' | 'all'

/** Dead letters of one cause in one queue, or all of a queue. */
export interface Trail {
  readonly source: Source
  /** The group of all its entries; undefined where each has to say. */
  readonly group: string | undefined
  /** What each entry has to be looked at for, to know if it is meant: nothing, its text alone, or all a filter asks. */
  readonly look: Look
}

export interface Trails {
  readonly trails: readonly Trail[]
  /** Groups whose titles were searched. */
  readonly titles: number
  /** False where a queue has no index that can be asked. */
  readonly indexed: boolean
}

/** Ranges asked at once. Beyond, going through the failed sets costs less. */
const RANGES_MAX = 2_000

/** Whether the index has something to say to a filter. */
export const isNarrow = ({ name, error_class, error_name, group, version, q }: DlqFilter): boolean =>
  [name, error_class, error_name, group, version, q].some((member) => member !== undefined)

/** Queues whose index is good enough to look around in, also while what it missed is being added. To be read before the
 *  picture: an index that becomes usable in between would be trusted with a picture that lacks what it added last. */
export const usableQueues = async (kernel: Kernel): Promise<ReadonlySet<string>> => {
  const built = await readAllBuilt(kernel)
  return new Set([...built].flatMap(([queue, { usable }]) => (usable ? [queue] : [])))
}

/** The trails of a filter in some queues, of which the index of some is asked. Without anything the index knows of, the failed sets are the trails: the truth. */
export const trailsOf = (
  kernel: Kernel,
  bull: Bull,
  picture: Picture,
  queues: readonly string[],
  filter: DlqFilter,
  asked: ReadonlySet<string>,
): Trails => {
  const whole = (queue: string, look: Look): Trail => ({
    source: { key: bull.keys(queue).failed, queue },
    group: undefined,
    look,
  })
  if (!isNarrow(filter)) return { trails: queues.map((queue) => whole(queue, 'nothing')), titles: 0, indexed: true }
  const usable = new Set(queues.filter((queue) => asked.has(queue)))
  const parts = picture.parts.filter(({ queue }) => usable.has(queue))
  const ranges = parts.flatMap((part) => rangesOf(kernel, picture, part, filter))
  if (ranges.length > RANGES_MAX)
    return { trails: queues.map((queue) => whole(queue, 'all')), titles: 0, indexed: false }
  const rest = queues.filter((queue) => !usable.has(queue))
  return {
    trails: [...ranges, ...rest.map((queue) => whole(queue, 'all'))],
    titles: filter.q === undefined ? 0 : parts.length,
    indexed: rest.length === 0,
  }
}

const rangesOf = (kernel: Kernel, { aliases }: Picture, part: Part, filter: DlqFilter): Trail[] => {
  const isRest = part.fingerprint === REST_ID
  const group = groupOf(aliases, part)
  const isMeant =
    isRest || (among(filter.name, part.name) && among(filter.error_name, part.errorName) && among(filter.group, group))
  if (!isMeant) return []
  const look = isRest ? 'all' : filter.q === undefined || holds(part, filter.q) ? 'nothing' : 'text'
  return part.facets
    .filter((facet) => isRest || fits(facet, filter))
    .map(({ no }) => ({ source: sourceOf(kernel, part.queue, no), group: isRest ? undefined : group, look }))
}

const sourceOf = (kernel: Kernel, queue: string, no: number): Source => ({
  key: entriesKey(kernel, queue),
  queue,
  base: baseOf(no),
  end: baseOf(no + 1),
})

const among = <Value>(wanted: readonly Value[] | undefined, value: Value): boolean => wanted?.includes(value) ?? true
const fits = ({ errorClass, version }: Facet, filter: DlqFilter): boolean =>
  among(filter.error_class, errorClass) &&
  (filter.version === undefined || (version !== null && filter.version.includes(version)))
const holds = ({ title }: Part, q: string): boolean => title.toLowerCase().includes(q.toLowerCase())
