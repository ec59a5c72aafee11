// Finding many jobs at once, together with their states: a call for each queue instead of some for each job.
import type { Principal } from '../auth/contract.ts'
import type { Bull, JobField, StatedJob } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import type { Job } from './contract.ts'
import { spellings } from './find.ts'
import type { Find } from './find.ts'
import type { Gone } from './gone.ts'

/** How somebody names a job. */
export interface JobRef {
  readonly task_id: string
  readonly queue?: string | undefined
}

/** A job as it was when it was looked up: in its queue, or as the record that is left of it, with what it was ended under. */
export interface Found {
  readonly address: Address
  readonly stated?: StatedJob
  readonly record?: Job
  readonly mark?: string | undefined
}

type Seeing = Pick<Principal, 'queues'>
export type LookMany = (asker: Seeing, refs: readonly JobRef[]) => Promise<(Found | Problem)[]>

interface Looking {
  bull: Bull
  gone: Gone
  find: Find
}

/** What steering a job must know of it. */
const FIELDS: readonly JobField[] = [
  'name', 'timestamp', 'delay', 'priority', 'atm', 'ats', 'finishedOn', 'pb', 'parentKey', 'rjk', 'k1nCancelled', 'k1nPark',
  'k1nBuried', 'k1nOp',
] // prettier-ignore

/** Answers in the order asked. What is not found at once is looked up as a single job would be, and refused in its words. */
export const createLookMany = ({ bull, gone, find }: Looking): LookMany => {
  const literally = ({ task_id, queue }: JobRef): Address | undefined => {
    const address = parseAddress(task_id)
    if (queue === undefined) return address
    return address?.queue === queue ? address : { queue, id: task_id }
  }
  /** Bare ids: looked for in all queues, one call for each. Undefined unless there is just one. */
  const everywhere = async (asker: Seeing, ids: readonly string[]): Promise<(Address | undefined)[]> => {
    if (ids.length === 0) return []
    const queues = (await bull.current()).filter((queue) => allowsQueue(asker, queue))
    const candidates = ids.map((id) => queues.flatMap((queue) => spellings(queue, id)))
    const hashes = (await bull.readRaw(candidates.flat(), ['timestamp'])).values()
    return candidates.map((own) => {
      const there = own.filter(() => hashes.next().value !== undefined)
      return there.length === 1 ? there[0] : undefined
    })
  }
  const oneByOne = async (asker: Seeing, { task_id, queue }: JobRef): Promise<Address | Problem> => {
    try {
      return await find(asker, task_id, queue)
    } catch (error) {
      if (isProblem(error)) return error
      throw error
    }
  }
  return async (asker, refs) => {
    const first = refs.map((ref) => {
      const address = literally(ref)
      return address && allowsQueue(asker, address.queue) ? address : undefined
    })
    const bare = refs.filter((ref) => literally(ref) === undefined).map(({ task_id }) => task_id)
    const found = (await everywhere(asker, bare)).values()
    const places = refs.map((ref, index) => (literally(ref) === undefined ? found.next().value : first[index]))
    const stated = await readPlaces(bull, places)
    const late = await Promise.all(refs.map(async (ref, n) => (stated[n] ? undefined : oneByOne(asker, ref))))
    const lateStated = await readPlaces(
      bull,
      late.map((place) => (isProblem(place) ? undefined : place)),
    )
    const gonePlaces = late.filter((place, n): place is Address => !!place && !isProblem(place) && !lateStated[n])
    const [records, marks] = await Promise.all([gone.read(gonePlaces), gone.marks(gonePlaces)])
    return refs.map((_, n): Found | Problem => {
      const [place, there] = [places[n], stated[n]]
      if (place && there) return { address: place, stated: there }
      const other = late[n] as Address | Problem
      if (isProblem(other)) return other
      const now = lateStated[n]
      if (now) return { address: other, stated: now }
      const at = gonePlaces.indexOf(other)
      const record = records[at]
      return { address: other, mark: marks[at], ...(record ? { record } : {}) }
    })
  }
}

const readPlaces = async (bull: Bull, places: readonly (Address | undefined)[]): Promise<(StatedJob | undefined)[]> => {
  const known = places.filter((place) => place !== undefined)
  const stated = known.length === 0 ? [] : await bull.readStated(known, FIELDS)
  let at = 0
  return places.map((place) => (place === undefined ? undefined : stated[at++]))
}
