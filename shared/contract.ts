// All endpoints: every room's rows in one object. Server, document, client and tests are made from it.
import { alerts } from './alerts/contract.ts'
import { audit } from './audit/contract.ts'
import { auth } from './auth/contract.ts'
import { portal } from './auth/portal-contract.ts'
import { batch } from './batch/contract.ts'
import { breakers } from './breakers/contract.ts'
import { changes } from './changes/contract.ts'
import { deliveries } from './deliveries/contract.ts'
import { dlq } from './dlq/contract.ts'
import { explain } from './explain/contract.ts'
import { imports } from './imports/contract.ts'
import { eventSources, events, hooks } from './inbound/contract.ts'
import { jobActions } from './batch/actions-contract.ts'
import { jobs } from './jobs/contract.ts'
import { limits } from './limits/contract.ts'
import { metrics } from './metrics/contract.ts'
import { operations } from './operations/contract.ts'
import { preferences } from './preferences/contract.ts'
import { queues } from './queues/contract.ts'
import { retries } from './retries/contract.ts'
import { schedules } from './schedules/contract.ts'
import { foreignSchedulers } from './schedules/foreign-contract.ts'
import { scheduleRuns } from './schedules/runs-contract.ts'
import { services } from './services/contract.ts'
import { stream } from './stream/contract.ts'
import { system } from './system/contract.ts'
import { timeline } from './timeline/contract.ts'
import { triage } from './triage/contract.ts'
import { webhooks } from './webhooks/contract.ts'
import { workers } from './workers/contract.ts'

export const contract = {
  jobs: { ...jobs, ...jobActions },
  explain,
  queues,
  workers,
  retries,
  breakers,
  services,
  schedules: { ...schedules, ...foreignSchedulers },
  scheduleRuns,
  dlq,
  events,
  eventSources,
  hooks,
  operations,
  batch,
  timeline,
  changes,
  metrics,
  imports,
  stream,
  auth,
  preferences,
  portal,
  limits,
  audit,
  alerts,
  system,
  triage,
  webhooks,
  deliveries,
} as const
export type K1nContract = typeof contract
