// All handlers of this installation. A kind without one does not compile.
import { join } from 'node:path'
import { catalog } from '../../shared/catalog/catalog.ts'
import type { Handlers } from '../../shared/catalog/handler.ts'
import { importDir } from '../../shared/kernel/config.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { operationKinds } from '../../shared/operation-kinds.ts'
import { createRunner } from '../../shared/operations/operations.ts'
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
  /** Lets go of files and queues; to be called when no handler runs any more. */
  close: () => Promise<void>
}

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
  return {
    handlers: {
      'http.request': httpRequest(outbound, clock),
      'listening.import': listeningImport(library),
      'listening.chunk': listeningChunk(library),
      'demo.mail': demoMail(clock),
      'demo.charge': demoCharge(clock),
      'demo.encode': demoEncode(clock),
      'demo.report': demoReport(clock),
      'operation.run': operationRun(createRunner(kernel, operationKinds(kernel, bull))),
      'schedule.tick': scheduleTick(createCarrying(kernel, bull, catalog)),
    },
    async close() {
      library.close()
      await bull.close()
    },
  }
}
