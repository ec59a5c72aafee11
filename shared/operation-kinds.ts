// All kinds of operation: the one list that the API checks requests by and the workers run.
import { createPerforming } from './batch/batch.ts'
import { batchKind } from './batch/kind.ts'
import type { Bull } from './bullmq/bullmq.ts'
import { catalog as everyKind } from './catalog/catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { webhookReplay } from './deliveries/replay.ts'
import { createDeliveryStore } from './deliveries/store.ts'
import { bulkDiscard } from './dlq/bulk-discard.ts'
import { bulkResubmit } from './dlq/bulk-resubmit.ts'
import { createSelect } from './dlq/select.ts'
import { jobActionKinds } from './batch/action-kinds.ts'
import { createSelectJobs } from './batch/select.ts'
import type { Kernel } from './kernel/kernel.ts'
import type { AnyOperationKind } from './operations/operations.ts'
import { createCarrying } from './schedules/executor.ts'
import { createScheduleRuns } from './schedules/runs.ts'
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
  const runs = createScheduleRuns(createCarrying(kernel, bull, catalog))
  const performing = createPerforming(kernel, bull, catalog, (event) => runs.react(event))
  return [
    bulkResubmit(room),
    bulkDiscard(room),
    webhookReplay(kernel, { bull, store: createDeliveryStore(kernel) }),
    batchKind(performing),
    ...jobActionKinds({ ...performing, select: createSelectJobs(performing.steering) }),
    queueDrain(room),
    queueClean(room),
    queueObliterate(room),
    queueRetry(room),
    queuePromote(room),
    ...workerTurns({ kernel, registry: createRegistry(kernel) }),
  ]
}
