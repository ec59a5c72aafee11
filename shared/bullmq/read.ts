// Reading many jobs at once: their hashes alone by one pipeline, or hash and state together by one script per queue.
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { byQueue } from './by-queue.ts'
import type { BullKeys } from './keys.ts'
import { finite } from './newest.ts'
import { ALL_FIELDS, toRawJob } from './raw-job.ts'
import type { JobField, RawJob } from './raw-job.ts'
import { inSlices } from './slices.ts'

/** Where BullMQ has a job. `unknown`: its hash exists and it is in no list, which a failed script can leave behind. */
export type BullState =
  | 'waiting'
  | 'prioritized'
  | 'delayed'
  | 'active'
  | 'waiting_children'
  | 'completed'
  | 'failed'
  | 'unknown'
  | 'missing'

export interface StatedJob {
  readonly state: BullState
  readonly job: RawJob
  /** When it ended, or for a delayed one when it is due, in epoch ms; for a waiting one how many run before it in its
   *  list, undefined where it was not found so near either end. */
  readonly score: number | undefined
  /** Of a waiting job that was not found: how many run before it at least. */
  readonly behind?: number | undefined
  /** Redis's time of the reading in µs: a later reading has a greater one, whoever reads. */
  readonly readAt: number
}

type KeysOf = (queue: string) => BullKeys
const readScript = script(new URL('./read.lua', import.meta.url))

const hashesScript = script(new URL('./hashes.lua', import.meta.url))

/** Hashes read by one script call; a slice of this size holds Redis for less than a millisecond. */
const HASHES_AT_ONCE = 250
/** Hashes of others can be of any length: what one call answers is not much longer than this. */
const BYTES_AT_ONCE = 2_000_000

/** The hashes of jobs, in the order asked; undefined for what is no job. One call for many of a queue costs half of one
 *  command each. */
export const readRaw = async (
  kernel: Kernel,
  keysOf: KeysOf,
  addresses: readonly Address[],
  fields: readonly JobField[] = ALL_FIELDS,
): Promise<(RawJob | undefined)[]> => {
  const readSlice = async (queue: string, ids: readonly string[]): Promise<(RawJob | undefined)[]> => {
    const rows: ((string | null)[] | null)[] = []
    while (rows.length < ids.length) {
      const args = [BYTES_AT_ONCE, fields.length, ...fields, ...ids.slice(rows.length)]
      const more = (await hashesScript(kernel.redis, [keysOf(queue).prefix], args)) as typeof rows
      rows.push(...more)
    }
    return ids.map((id, index) => toRawJob(queue, id, fields, rows[index] ?? []))
  }
  return byQueue(addresses, async (queue, own) => {
    const ids = own.map(({ id }) => id)
    return inSlices(ids, (slice) => readSlice(queue, slice), HASHES_AT_ONCE)
  })
}

/** How far the lists of waiting and of running jobs are searched from either end when many jobs are read at once. */
const LIST_LOOK = 1_000
/** And when one is: Redis is held for some three milliseconds at most, however long the lists are. */
const LIST_LOOK_ONE = 50_000

/** Jobs with their states, each read in one atomic step; undefined for what is no job.
 *  All states but waiting and active are O(1). Lists are searched at their two ends: in the midst of a longer one a job with a lock
 *  runs, and one in no other set is taken to wait, behind so many at least. */
export const readStated = async (
  kernel: Kernel,
  keysOf: KeysOf,
  addresses: readonly Address[],
  fields: readonly JobField[] = ALL_FIELDS,
): Promise<(StatedJob | undefined)[]> => {
  const look = addresses.length === 1 ? LIST_LOOK_ONE : LIST_LOOK
  const readSlice = async (slice: readonly Address[]): Promise<(StatedJob | undefined)[]> => {
    const [first] = slice
    if (first === undefined) return []
    const args = [look, fields.length, ...fields, ...slice.map(({ id }) => id)]
    const reply = (await readScript(kernel.redis, stateKeys(keysOf(first.queue)), args)) as [number, ...Row[]]
    const [readAt, ...rows] = reply
    return slice.map((address, index) => toStated(address, fields, rows[index], readAt))
  }
  return byQueue(addresses, (_queue, own) => inSlices(own, readSlice))
}

type Row = [state: BullState, score: string, ...values: (string | null)[]]

const toStated = (
  { queue, id }: Address,
  fields: readonly JobField[],
  row: Row | undefined,
  readAt: number,
): StatedJob | undefined => {
  const [state, score, ...values] = row ?? ['missing', '']
  const job = state === 'missing' ? undefined : toRawJob(queue, id, fields, values)
  if (!job) return undefined
  if (score.startsWith('>')) return { state, job, score: undefined, behind: Number(score.slice(1)), readAt }
  return { state, job, score: score === '' ? undefined : dueAt(state, finite(score)), readAt }
}

/** BullMQ keeps a delayed job's time in the upper bits of its score, a counter in the lower twelve. */
const dueAt = (state: BullState, score: number): number => (state === 'delayed' ? Math.floor(score / 0x1000) : score)

const stateKeys = (keys: BullKeys): string[] => [
  keys.completed,
  keys.failed,
  keys.delayed,
  keys.prioritized,
  keys.waitingChildren,
  keys.active,
  keys.wait,
  keys.legacyPaused,
  keys.prefix,
]
