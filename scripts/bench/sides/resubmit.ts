// k1n's operations, asked for one and run in this process as a worker runs them.
import type { Principal } from '../../../shared/auth/contract.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { BulkResubmitParams } from '../../../shared/dlq/contract.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { operationKinds } from '../../../shared/operation-kinds.ts'
import { createOperations, createRunner } from '../../../shared/operations/operations.ts'
import { benchCatalog } from '../catalog.ts'
import { serveSide } from '../side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const bull = createBull(kernel)
const kinds = operationKinds(kernel, bull, benchCatalog())
const operations = createOperations(kernel, { bull, kinds })
const runner = createRunner(kernel, kinds)
const me: Principal = { kind: 'key', id: 'bench', name: 'bench', scopes: SCOPES, queues: ['*'] }
const { signal } = new AbortController()

serveSide({
  /** Stores an operation over all dead letters of this name in the queue; answers its id. */
  async start(queue: string, name: string, pace: number | null) {
    const params = BulkResubmitParams.parse({ filter: { queue: [queue], name: [name] }, ladder: null })
    return (await operations.start(me, { kind: 'dlq.resubmit', params, pace })).id
  },
  /** Runs it to its end; answers how many live again. */
  async run(id: string) {
    while ((await runner.run(id, signal)) === 'goes_on');
    return (await operations.show(me, id)).progress.done
  },
  async done(id: string) {
    return (await operations.show(me, id)).progress.done
  },
})
