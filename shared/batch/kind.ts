// A batch that goes on as an operation: its items are those that were sent, and each has a result.
import { z } from 'zod'
import { isDone } from '../jobs/many.ts'
import type { Applied, OperationKind, Outcome, Work } from '../operations/kind.ts'
import { LATER_MAX, NotAttempted } from './contract.ts'
import { leave, performItems, resultOf } from './perform.ts'
import type { BatchItem, Performed } from './perform.ts'
import type { Performing } from './verbs.ts'
import { BatchMode } from './words.ts'

/** What is remembered of the request beside its operations. */
export const BatchParams = z.strictObject({
  mode: BatchMode,
  hop: z.int(),
  operations: z.record(z.string(), z.int()).describe('How many there are of each.'),
})
type Params = z.output<typeof BatchParams>

/** In order, as later operations may be about the same thing as earlier ones. */
export const batchKind = (room: Performing): OperationKind<'batch', typeof BatchParams, BatchItem> => ({
  name: 'batch',
  params: BatchParams,
  inOrder: true,
  tellsAll: LATER_MAX,
  // Whoever asks names the items.
  async *select() {},
  nameOf: ({ op }) => ('task_id' in op ? op.task_id : 'dlq_id' in op ? op.dlq_id : (op.id ?? op.event)),
  async apply(items, work) {
    const performed = await perform(room, items, work)
    return {
      outcomes: performed.map(outcomeOf),
      facts: performed.flatMap(({ came }) => (isDone(came) ? (came.facts ?? []) : [])),
    } satisfies Applied
  },
})

const perform = async (
  room: Performing,
  items: readonly BatchItem[],
  { id, asker, createdAt, params, failed }: Work<Params>,
): Promise<Performed[]> => {
  if (params.mode === 'stop_on_error' && failed() > 0) return items.map(leave)
  return performItems(room, items, {
    ...{ asker, actor: asker.name, mark: id, since: createdAt, dryRun: false, hop: params.hop },
    ...{ mode: params.mode, strict: true },
  })
}

const outcomeOf = (one: Performed): Outcome => {
  const { came } = one
  const result = resultOf(one)
  if (isDone(came)) return { is: 'done', result }
  return { is: came.code === NotAttempted.code ? 'skipped' : 'failed', reason: came.message.slice(0, 500), result }
}
