// All kinds of operation: the one list that the API checks requests by and the workers run.
import type { Bull } from './bullmq/bullmq.ts'
import { catalog as everyKind } from './catalog/catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { webhookReplay } from './deliveries/replay.ts'
import { createDeliveryStore } from './deliveries/store.ts'
import { bulkDiscard } from './dlq/bulk-discard.ts'
import { bulkResubmit } from './dlq/bulk-resubmit.ts'
import { createSelect } from './dlq/select.ts'
import type { Kernel } from './kernel/kernel.ts'
import type { AnyOperationKind } from './operations/operations.ts'
import { queuePromote, queueRetry } from './queues/let-run.ts'
import { queueObliterate } from './queues/obliterate.ts'
import { queueClean, queueDrain } from './queues/sweeps.ts'
import { createRegistry } from './workers/registry.ts'
import { workerTurns } from './workers/turns.ts'

export const operationKinds = (
  kernel: Kernel,
  bull: Bull,
  catalog: Catalog = everyKind,
): readonly AnyOperationKind[] => {
  const room = { kernel, bull, catalog, select: createSelect(kernel, bull) }
  return [
    bulkResubmit(room),
    bulkDiscard(room),
    webhookReplay(kernel, { bull, store: createDeliveryStore(kernel) }),
    queueDrain(room),
    queueClean(room),
    queueObliterate(room),
    queueRetry(room),
    queuePromote(room),
    ...workerTurns({ kernel, registry: createRegistry(kernel) }),
  ]
}
