// Everything this installation can do: all kinds of job by name.
import { demoCharge, demoEncode, demoMail, demoReport } from './demo.ts'
import { httpRequest } from './http-request.ts'
import { catalogOf, queuesOf } from './kind.ts'
import type { AnyKind, Catalog } from './kind.ts'
import { listeningChunk } from './listening-chunk.ts'
import { listeningImport } from './listening-import.ts'
import { operationRun } from './operation-run.ts'
import { webhookDeliver } from './webhook-deliver.ts'
import { scheduleTick } from './schedule-tick.ts'

export { catalogOf, kind, namesOf, queuesOf } from './kind.ts'
export type { AnyKind, Catalog, Kind, PayloadOf, ResultOf } from './kind.ts'

export const catalog = catalogOf(
  httpRequest,
  listeningImport,
  listeningChunk,
  demoMail,
  demoCharge,
  demoEncode,
  demoReport,
  operationRun,
  webhookDeliver,
  scheduleTick,
)

/** The kind of a name, if there is one. */
export const findKind = (name: string, within: Catalog = catalog): AnyKind | undefined => within[name]

/** The queues this installation runs workers for. */
export const ownQueues: readonly string[] = queuesOf(catalog)
