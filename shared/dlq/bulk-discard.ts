// Discarding many dead letters at once, and bringing them back, as a kind of operation.
import type { z } from 'zod'
import { byQueue } from '../bullmq/by-queue.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { OperationKind, Outcome } from '../operations/kind.ts'
import { recheck } from '../triage/recheck.ts'
import { REFUSALS, applied, chosen, isRefusal } from './bulk.ts'
import { BulkDiscardParams, DlqEntryDiscarded, DlqEntryRestored } from './contract.ts'
import { RESTORABLE_MS, note, unnote } from './bin.ts'
import type { Discarding } from './bin.ts'
import { dlqId } from './id.ts'
import type { Select } from './select.ts'
import type { Selected } from './selected.ts'

type Kind = OperationKind<'dlq.purge', typeof BulkDiscardParams, Selected>
export type BulkDiscardInput = z.output<typeof BulkDiscardParams>

const outcomeOf = (answer: string): Outcome =>
  isRefusal(answer) ? { is: 'skipped', reason: REFUSALS[answer] } : { is: 'done' }

/** Each is put away under the operation's id, so that taking the operation back brings back what it discarded and no more. */
export const bulkDiscard = (room: Discarding & { select: Select }): Kind => {
  const { kernel, bull } = room
  const namesOf = (item: Selected, actor: string) => ({
    dlq_id: dlqId(item, item.diedAt),
    task_id: formatAddress(item),
    queue: item.queue,
    actor,
  })
  return {
    name: 'dlq.purge',
    params: BulkDiscardParams,
    select: (work) => chosen(room.select, work.params, work),
    nameOf: (item) => dlqId(item, item.diedAt),
    async apply(items, { id, asker }) {
      const now = kernel.clock.now()
      await note(room, items, now + RESTORABLE_MS)
      const answers = await byQueue(items, (queue, own) => bull.bury(queue, own, id))
      await recheck(kernel, items)
      const restorable_until = toIso(now + RESTORABLE_MS)
      return applied(items, answers.map(outcomeOf), (item) =>
        fact(DlqEntryDiscarded, now, { ...namesOf(item, asker.name), restorable_until }),
      )
    },
    undo: {
      withinMs: RESTORABLE_MS,
      async apply(items, { undoes, asker }) {
        const now = kernel.clock.now()
        const answers = await byQueue(items, (queue, own) => bull.unbury(queue, own, undoes ?? undefined))
        await recheck(kernel, items)
        await unnote(room, items)
        return applied(items, answers.map(outcomeOf), (item) => fact(DlqEntryRestored, now, namesOf(item, asker.name)))
      },
    },
  }
}
