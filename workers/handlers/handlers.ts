// All handlers of this installation. A kind without one does not compile.
import { join } from 'node:path'
import { catalog } from '../../shared/catalog/catalog.ts'
import type { Handlers } from '../../shared/catalog/handler.ts'
import { importDir } from '../../shared/kernel/config.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { operationKinds } from '../../shared/operation-kinds.ts'
import { createRunner } from '../../shared/operations/operations.ts'
import { createDeliverer } from '../../shared/deliveries/deliver.ts'
import { createReceivers } from '../../shared/webhooks/receivers.ts'
import type { Service } from '../../shared/kernel/service.ts'
import { createOutbound, ownHostsOf } from '../../shared/outbound/outbound.ts'
import { createCarrying } from '../../shared/schedules/executor.ts'
import { demoCharge, demoEncode, demoMail, demoReport } from './demo.ts'
import { httpRequest } from './http-request.ts'
import { listeningChunk } from './listening-chunk.ts'
import { listeningImport } from './listening-import.ts'
import { operationRun } from './operation-run.ts'
import { createLibrary } from './library.ts'
import { scheduleTick } from './schedule-tick.ts'

export interface HandlerSet {
  handlers: Handlers<typeof catalog>
  /** What runs beside the handlers, for as long as the process takes jobs. */
  beside: readonly Service[]
  /** Lets go of files and queues; to be called when no handler runs any more. */
  close: () => Promise<void>
}

/** Connections to receivers of webhooks are kept for so long: less than the five seconds after which many servers hang up. */
const KEEP_MS = 4_000

/** Makes the handlers with what they need. Nothing is opened before the first job needs it. */
export const createHandlers = (kernel: Kernel): HandlerSet => {
  const { settings, clock } = kernel
  const library = createLibrary({
    database: join(settings.K1N_DATA_DIR, 'listening.db'),
    imports: importDir(settings),
    uploads: join(settings.K1N_DATA_DIR, 'uploads'),
  })
  const bull = createBull(kernel)
  const outbound = createOutbound({ allowCidrs: settings.K1N_HTTP_ALLOW_CIDRS, ownHosts: ownHostsOf(settings) })
  const deliverer = createDeliverer(kernel, {
    bull,
    outbound: createReceivers(settings, { keepMs: KEEP_MS, socketsTotal: settings.K1N_CONCURRENCY }),
    slots: settings.K1N_CONCURRENCY,
  })
  return {
    beside: deliverer.services,
    handlers: {
      'http.request': httpRequest(outbound, clock),
      'listening.import': listeningImport(library),
      'listening.chunk': listeningChunk(library),
      'demo.mail': demoMail(clock),
      'demo.charge': demoCharge(clock),
      'demo.encode': demoEncode(clock),
      'demo.report': demoReport(clock),
      'webhook.deliver': deliverer.handler,
      'operation.run': operationRun(createRunner(kernel, operationKinds(kernel, bull))),
      'schedule.tick': scheduleTick(createCarrying(kernel, bull, catalog)),
    },
    async close() {
      library.close()
      await bull.close()
    },
  }
}
