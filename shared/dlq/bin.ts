// Dead letters that were discarded: gone from the inbox at once, brought back within ten minutes, removed for good after.
//
// A discarded job's hash stays where it is, out of every set, with a mark that says where it lay. The bin is a list of ours
// that says until when. It is written first, so that a crash in between leaves at worst an entry in the bin whose letter was
// never put away, and that is dropped when its time comes. Each step on BullMQ's keys is one script that may be repeated.
import type { Bull } from '../bullmq/bullmq.ts'
import { byQueue } from '../bullmq/by-queue.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { JobMissing } from '../jobs/problems.ts'
import type { EventLog } from '../stream/log.ts'
import { AlreadyResubmitted, DlqEntryDiscarded, DlqEntryRestored } from './contract.ts'
import { recheck } from '../triage/recheck.ts'
import { dlqId, parseDlqId } from './id.ts'
import type { Selected } from './selected.ts'

export interface Discarding {
  kernel: Kernel
  bull: Bull
}

/** How long a discarded dead letter can be brought back. */
export const RESTORABLE_MS = 10 * 60 * 1_000
/** Who was told in time that it can be brought back must find it. */
const MARGIN_MS = 60_000

/** Under whom single letters are put away; operations do it under their ids. */
const BY_HAND = 'by-hand'

const binKey = (kernel: Kernel): string => kernel.key('dlq', 'bin')

/** Writes letters into the bin's list. */
export const note = async ({ kernel }: Discarding, items: readonly Selected[], until: number): Promise<void> => {
  await kernel.redis.zadd(binKey(kernel), ...items.flatMap((item) => [until, dlqId(item, item.diedAt)]))
}

export const unnote = async ({ kernel }: Discarding, items: readonly Selected[]): Promise<void> => {
  await kernel.redis.zrem(binKey(kernel), ...items.map((item) => dlqId(item, item.diedAt)))
}

/** Puts one dead letter away. Problems: `task-not-found`, `already-resubmitted`. */
export const discard = async (room: Discarding & { log: EventLog }, item: Selected, actor: string): Promise<void> => {
  const { kernel, bull, log } = room
  const id = dlqId(item, item.diedAt)
  const now = kernel.clock.now()
  const until = now + RESTORABLE_MS
  await note(room, [item], until)
  const [answer = 'missing'] = await bull.bury(item.queue, [item], BY_HAND)
  await recheck(kernel, [item])
  if (answer === 'missing') throw JobMissing(`The dead letter ${id} was removed just now.`)
  if (answer === 'not_in_state' || answer === 'changed')
    throw AlreadyResubmitted(`The dead letter ${id} was given another life already.`, {
      members: { task_id: formatAddress(item) },
    })
  const names = { dlq_id: id, task_id: formatAddress(item), queue: item.queue, actor }
  if (answer === 'buried')
    await log.append([fact(DlqEntryDiscarded, now, { ...names, restorable_until: toIso(until) })])
}

/** Brings one back as it was. Problem: `task-not-found` for one that is not in the bin, or not any more. */
export const restore = async (
  room: Discarding & { log: EventLog },
  address: Address,
  diedAt: number,
  actor: string,
): Promise<void> => {
  const { kernel, bull, log } = room
  const item = { ...address, diedAt }
  const id = dlqId(address, diedAt)
  const until = Number((await kernel.redis.zscore(binKey(kernel), id)) ?? 0)
  if (until <= kernel.clock.now()) throw JobMissing(`There is no discarded dead letter ${id}, or not any more.`)
  const [answer] = await bull.unbury(address.queue, [item])
  await recheck(kernel, [item])
  // Last: while it is noted, whoever empties the bin rechecks what somebody could not.
  await unnote(room, [item])
  if (answer !== 'unburied') throw JobMissing(`There is no discarded dead letter ${id}, or not any more.`)
  const names = { dlq_id: id, task_id: formatAddress(address), queue: address.queue, actor }
  await log.append([fact(DlqEntryRestored, kernel.clock.now(), names)])
}

/** Letters removed in one step. */
const SLICE = 500

/** Removes for good what nobody wanted back in time; answers how many. */
export const emptyBin = async (room: Discarding, signal: AbortSignal): Promise<number> => {
  const { kernel, bull } = room
  let removed = 0
  while (!signal.aborted) {
    const before = kernel.clock.now() - MARGIN_MS
    const ids = await kernel.redis.zrangebyscore(binKey(kernel), '-inf', before, 'LIMIT', 0, SLICE)
    if (ids.length === 0) break
    const items = ids.flatMap((id) => {
      const { address, diedAt } = parseDlqId(id) ?? { diedAt: null }
      return address && diedAt !== null ? [{ ...address, diedAt }] : []
    })
    const answers = await byQueue(items, (queue, own) => bull.erase(queue, own, 'buried'))
    removed += answers.filter((answer) => answer === 'erased').length
    // One that was brought back by somebody who then could not say so.
    await recheck(
      kernel,
      items.filter((_, index) => answers[index] !== 'erased'),
    )
    // Last: a crash before it repeats the step, which finds nothing left to do.
    await kernel.redis.zrem(binKey(kernel), ...ids)
  }
  return removed
}

/** Removes for good what of one queue is in the bin: the queue itself goes. */
export const emptyBinOf = async ({ kernel, bull }: Discarding, queue: string): Promise<void> => {
  let cursor = '0'
  do {
    const [next, pairs] = await kernel.redis.zscan(binKey(kernel), cursor, 'COUNT', SLICE)
    const ids = pairs.filter((_, index) => index % 2 === 0)
    const own = ids.flatMap((id) => {
      const { address, diedAt } = parseDlqId(id) ?? { diedAt: null }
      return address?.queue === queue && diedAt !== null ? [{ id, item: { ...address, diedAt } }] : []
    })
    if (own.length > 0) {
      await bull.erase(
        queue,
        own.map(({ item }) => item),
        'buried',
      )
      await kernel.redis.zrem(binKey(kernel), ...own.map(({ id }) => id))
    }
    cursor = next
  } while (cursor !== '0')
}
