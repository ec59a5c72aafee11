// How dead letters fare that were given another life: whether they die again, and of the same cause.
import type { Bull, StatedJob } from '../bullmq/bullmq.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Fate } from '../operations/kind.ts'
import { groupOf } from '../triage/aliases.ts'
import type { Aliases } from '../triage/aliases.ts'
import { DEATH_FIELDS, deathOf } from '../triage/death.ts'
import { aliasesKey } from '../triage/keys.ts'
import { REST_ID } from '../triage/part.ts'
import { dlqId } from './id.ts'
import { movedKey } from './moved.ts'
import { placeElsewhere } from './resubmit.ts'
import type { Selected } from './selected.ts'

interface Room {
  kernel: Kernel
  bull: Bull
}

/** Which resubmission is meant, and where it took them. */
interface Resubmission {
  /** The mark of the operation. */
  readonly id: string
  readonly params: { readonly queue?: string | undefined }
}

/** A job that has come to an end in its new life has fared well or badly, and one that was discarded since had fared badly; a failed
 *  attempt is a first sign, whatever its cause. Of one that is gone nobody knows, unless it never came to where it was to go. */
export const fatesOf = async (
  room: Room,
  items: readonly Selected[],
  { id, params }: Resubmission,
): Promise<Fate[]> => {
  const places = items.map((item) => placeOf(item, params.queue))
  const found = await room.bull.readStated(places, [
    'name',
    'timestamp',
    'failedReason',
    'k1nCancelled',
    'k1nOp',
    'k1nBuried',
  ])
  const arrived = await haveArrived(room, items, places, found)
  const fates = found.map((stated, index) =>
    arrived[index] === true ? fateOf(stated, places[index] === items[index] ? id : undefined) : 'none',
  )
  const died = items.flatMap((item, index) =>
    fates[index] === 'bad' ? { item, index, place: placeOf(item, params.queue) } : [],
  )
  const same = await areSame(room, died)
  died.forEach(({ index }, at) => (fates[index] = same[at] === false ? 'otherwise' : 'bad'))
  return fates
}

/** Whether each is where it was to go, or was: whoever moves one leaves a note of where it went. */
const haveArrived = async (
  { kernel }: Room,
  items: readonly Selected[],
  places: readonly Address[],
  found: readonly (StatedJob | undefined)[],
): Promise<boolean[]> => {
  const missing = items.flatMap((item, index) => (found[index] || places[index] === item ? [] : index))
  if (missing.length === 0) return items.map(() => true)
  const keys = missing.map((index) => movedKey(kernel, nameOf(items[index] as Selected)))
  const notes = await kernel.redis.mget(keys)
  const lost = new Set(missing.filter((index, at) => notes[at] !== formatAddress(places[index] as Address)))
  return items.map((_, index) => !lost.has(index))
}

const nameOf = (item: Selected): string => dlqId(item, item.diedAt)

/** One that stayed where it was shows by its mark whether it was this operation that gave it its life. */
const fateOf = (stated: StatedJob | undefined, mark: string | undefined): Fate => {
  if (!stated) return 'gone'
  const { state, job } = stated
  if (mark !== undefined && job.operation !== mark) return 'none'
  if (job.buried !== undefined) return 'bad'
  if (state === 'failed') return job.cancelled === undefined ? 'bad' : 'cancelled'
  if (state === 'completed') return 'good'
  return job.failedReason === undefined ? 'pending' : 'failing'
}

interface Died {
  item: Selected
  place: Address
}

/** Whether each died of the cause it had died of before; where that is not known it counts as the same. */
const areSame = async ({ kernel, bull }: Room, died: readonly Died[]): Promise<boolean[]> => {
  if (died.length === 0) return []
  const [jobs, aliases] = await Promise.all([
    bull.readRaw(
      died.map(({ place }) => place),
      DEATH_FIELDS,
    ),
    kernel.redis.hgetall(aliasesKey(kernel)),
  ])
  return died.map(({ item }, index) => {
    const job = jobs[index]
    return !job || isCause(aliases, item, deathOf(job).fingerprint)
  })
}

/** Whether a fingerprint belongs to the group of a dead letter, as that was chosen or into what it was merged since. */
const isCause = (aliases: Aliases, { group, queue }: Selected, fingerprint: string): boolean => {
  if (group === undefined || group === REST_ID) return true
  const now = groupOf(aliases, { fingerprint, queue })
  return now === group || now === groupOf(aliases, { fingerprint: group, queue })
}

/** Where a dead letter lives on. */
export const placeOf = (item: Selected, queue: string | undefined): Address =>
  queue === undefined || queue === item.queue ? item : placeElsewhere(nameOf(item), queue)
