// What the operations of a batch are about, looked up all at once.
import { allowsQueue } from '../bullmq/globs.ts'
import type { DeadItem } from '../dlq/many.ts'
import { parseDlqId } from '../dlq/id.ts'
import { readDeath } from '../dlq/resubmit.ts'
import type { Found, JobRef, LookMany } from '../jobs/look-many.ts'
import { JobMissing } from '../jobs/problems.ts'
import type { Steering } from '../jobs/steer.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import type { Asker } from '../operations/kind.ts'
import type { BatchOp } from './words.ts'

export interface Looking {
  readonly steering: Steering
  readonly look: LookMany
}

/** What an operation is about: a job, a dead letter, or an event, of which there is nothing to look up. */
export type Subject =
  | { readonly is: 'job'; readonly found: Found }
  | { readonly is: 'dead'; readonly dead: DeadItem }
  | { readonly is: 'event' }

/** The thing that other operations may be about too; undefined for events. */
export const keyOf = (subject: Subject): string | undefined => {
  if (subject.is === 'event') return undefined
  return formatAddress(subject.is === 'job' ? subject.found.address : subject.dead.address)
}

const refOf = (op: BatchOp): JobRef | undefined =>
  'task_id' in op
    ? { task_id: op.task_id, queue: op.queue }
    : 'dlq_id' in op && momentOf(op.dlq_id) === null
      ? { task_id: op.dlq_id }
      : undefined

const momentOf = (dlqId: string): number | null => parseDlqId(dlqId)?.diedAt ?? null

/** Answers for each what it is about, or why that cannot be told. */
export const lookAll = async (room: Looking, asker: Asker, ops: readonly BatchOp[]): Promise<(Subject | Problem)[]> => {
  const refs = ops.map(refOf)
  const asked = refs.filter((ref) => ref !== undefined)
  const deaths = ops.map((op) => ('dlq_id' in op ? deathOf(asker, op.dlq_id) : undefined))
  const exact = deaths.filter((death): death is Death => death !== undefined && !isProblem(death))
  const [found, stated] = await Promise.all([
    asked.length === 0 ? [] : room.look(asker, asked),
    exact.length === 0 ? [] : room.steering.bull.readStated(exact.map(({ address }) => address), DEAD_FIELDS), // prettier-ignore
  ])
  const [nextFound, nextStated] = [found.values(), stated.values()]
  return Promise.all(
    ops.map(async (op, n): Promise<Subject | Problem> => {
      const death = deaths[n]
      if (isProblem(death)) return death
      if (death) return toDead(room, death, nextStated.next().value)
      if (refs[n] === undefined) return { is: 'event' }
      const one = nextFound.next().value
      if (one === undefined || isProblem(one)) return one ?? JobMissing('There is no such job.')
      if ('dlq_id' in op) return toDead(room, { address: one.address, moment: null }, one.stated)
      return { is: 'job', found: one }
    }),
  )
}

const DEAD_FIELDS = [
  'name', 'timestamp', 'priority', 'finishedOn', 'k1nCancelled', 'k1nBuried', 'k1nOp',
] as const // prettier-ignore

interface Death {
  readonly address: Address
  readonly moment: number
}

/** The death an id means when it names its moment; one of a queue that may not be seen is as good as none. */
const deathOf = (asker: Asker, id: string): Death | Problem | undefined => {
  const parsed = parseDlqId(id)
  if (parsed?.diedAt === undefined || parsed.diedAt === null) return undefined
  if (!allowsQueue(asker, parsed.address.queue)) return JobMissing(`There is no dead letter ${id}.`)
  return { address: parsed.address, moment: parsed.diedAt }
}

/** One that is not there is refused in the words of a single look-up: it may have moved to another queue. */
const toDead = async (
  { steering }: Looking,
  { address, moment }: { address: Address; moment: number | null },
  stated: DeadItem['stated'] | undefined,
): Promise<Subject | Problem> => {
  if (stated) return { is: 'dead', dead: { address, moment, stated } }
  try {
    const death = await readDeath(steering, address, moment)
    return { is: 'dead', dead: { address, moment, stated: death.stated } }
  } catch (error) {
    if (isProblem(error)) return error
    throw error
  }
}
