// Finding the one job an id means: an address says it, a bare id is looked up in all queues at once (rule R11 of the API).
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Gone } from './gone.ts'
import { AmbiguousTaskId, JobMissing } from './problems.ts'

/** How old the list of queues may be before a bare id that was not found is looked for in new ones. */
const WALK_EVERY_MS = 2_000

export type Find = (principal: Pick<Principal, 'queues'>, taskId: string, queue?: string) => Promise<Address>

/** Ids are stored as `t_<id>` when a client gave them, and as they are otherwise. */
export const spellings = (queue: string, id: string): Address[] =>
  id.startsWith('t_')
    ? [{ queue, id }]
    : [
        { queue, id },
        { queue, id: `t_${id}` },
      ]

/** How a queue's own name before an id is left out. */
const innerOf = (queue: string, taskId: string): string =>
  taskId.startsWith(`${queue}:`) ? taskId.slice(queue.length + 1) : taskId

/** Makes the function that says where a job must be if it is there: it asks only where there is a choice. For whoever reads
 *  the job next, and says himself that there is none. */
export const createLocate =
  (find: Find): Find =>
  async (principal, taskId, queue) => {
    const where = queue ?? parseAddress(taskId)?.queue
    const places = where === undefined ? [] : spellings(where, innerOf(where, taskId))
    const [only] = places
    return only && places.length === 1 && allowsQueue(principal, only.queue) ? only : find(principal, taskId, queue)
  }

export const createFind = (kernel: Kernel, bull: Bull, gone: Gone): Find => {
  let walkedAt = -Infinity
  let walking: Promise<string[]> | undefined
  const lookUp = async (candidates: Address[]): Promise<Address[]> => {
    const pipeline = kernel.redis.pipeline()
    for (const address of candidates)
      pipeline.hexists(bull.keys(address.queue).job(address.id), 'timestamp').exists(gone.keyOf(address))
    const replies = (await pipeline.exec()) ?? []
    return candidates.filter((_, index) => {
      const [[error, job] = [null, 0], [, record] = [null, 0]] = replies.slice(2 * index, 2 * index + 2)
      if (error && !error.message.startsWith('WRONGTYPE')) throw error
      return (!error && job === 1) || record === 1
    })
  }
  const everywhere = async (principal: Pick<Principal, 'queues'>, id: string): Promise<Address[]> => {
    const lookIn = (queues: readonly string[]) =>
      lookUp(queues.filter((queue) => allowsQueue(principal, queue)).flatMap((queue) => spellings(queue, id)))
    const found = await lookIn(bull.known())
    const now = kernel.clock.now()
    if (found.length > 0) return found
    if (walking) return lookIn(await walking)
    if (now - walkedAt < WALK_EVERY_MS) return found
    walkedAt = now
    walking = bull.discover().finally(() => (walking = undefined))
    return lookIn(await walking)
  }
  const inQueue = async (principal: Pick<Principal, 'queues'>, queue: string, taskId: string): Promise<Address[]> => {
    if (!allowsQueue(principal, queue)) return []
    return lookUp(spellings(queue, innerOf(queue, taskId)))
  }
  return async (principal, taskId, queue) => {
    const address = parseAddress(taskId)
    const where = queue ?? address?.queue
    const found = where === undefined ? await everywhere(principal, taskId) : await inQueue(principal, where, taskId)
    const [first, ...others] = found
    if (!first)
      throw JobMissing(`There is no job ${taskId}${where === undefined ? '' : ` in ${where}`}, or it was removed.`)
    // Both spellings in one queue: the one that was asked for literally is meant.
    if (others.length === 0 || where !== undefined) return first
    throw AmbiguousTaskId(
      `${found.length} queues have a job ${taskId}; ask for one of the candidates, or add ?queue=.`,
      {
        members: { candidates: found.map(formatAddress) },
      },
    )
  }
}
