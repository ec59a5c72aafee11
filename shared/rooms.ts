// The one place rooms meet: all of them over one kernel, each given the others it needs.
import { createAlerts } from './alerts/alerts.ts'
import type { Alerts } from './alerts/alerts.ts'
import { createHistory } from './attempts/history.ts'
import type { History } from './attempts/history.ts'
import { createAudit } from './audit/audit.ts'
import type { Audit } from './audit/audit.ts'
import { createAuth } from './auth/auth.ts'
import type { Auth } from './auth/auth.ts'
import { createBatch, createPerforming } from './batch/batch.ts'
import type { Batch } from './batch/batch.ts'
import { createBreakers } from './breakers/breakers.ts'
import { circuitsOf } from './breakers/circuits.ts'
import type { Breakers } from './breakers/breakers.ts'
import { createBudgets } from './budgets/budgets.ts'
import type { Budgets } from './budgets/budgets.ts'
import { createBull } from './bullmq/bullmq.ts'
import type { Bull } from './bullmq/bullmq.ts'
import { createChanges } from './changes/changes.ts'
import type { ChangesRoom } from './changes/changes.ts'
import { catalog as everyKind, queuesOf } from './catalog/catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { services as declaredServices } from './catalog/services.ts'
import { createDeliveries, createHealth } from './deliveries/deliveries.ts'
import { createSendTest } from './deliveries/send-test.ts'
import type { Deliveries } from './deliveries/deliveries.ts'
import { createDlq } from './dlq/dlq.ts'
import type { Dlq } from './dlq/dlq.ts'
import { createExplain } from './explain/explain.ts'
import type { Explain } from './explain/explain.ts'
import { createImports } from './imports/imports.ts'
import type { Imports } from './imports/imports.ts'
import { createInbound } from './inbound/inbound.ts'
import type { Inbound } from './inbound/inbound.ts'
import { createJobActions } from './batch/actions.ts'
import type { JobActions } from './batch/actions.ts'
import { createExpirer } from './jobs/expirer.ts'
import { createJobs } from './jobs/jobs.ts'
import type { Jobs } from './jobs/jobs.ts'
import { createParkedCount } from './jobs/parked-count.ts'
import { createSelectJobs } from './batch/select.ts'
import type { Kernel } from './kernel/kernel.ts'
import type { Service } from './kernel/service.ts'
import { createLimits } from './limits/limits.ts'
import type { Limits } from './limits/limits.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { Metrics } from './metrics/metrics.ts'
import { operationKinds } from './operation-kinds.ts'
import { createOperations } from './operations/operations.ts'
import type { Operations } from './operations/operations.ts'
import { createPreferences } from './preferences/preferences.ts'
import type { PreferencesRoom } from './preferences/preferences.ts'
import { createResumer } from './queues/pauses.ts'
import { createQueues } from './queues/queues.ts'
import type { Queues } from './queues/queues.ts'
import { createRetries } from './retries/retries.ts'
import { createRewind } from './rewind/rewind.ts'
import type { Rewind } from './rewind/rewind.ts'
import type { Retries } from './retries/retries.ts'
import { createCarrying } from './schedules/executor.ts'
import { createForeign } from './schedules/foreign.ts'
import type { Foreign } from './schedules/foreign.ts'
import { createScheduleRuns } from './schedules/runs.ts'
import type { ScheduleRuns } from './schedules/runs.ts'
import { createSchedules } from './schedules/schedules.ts'
import type { Schedules } from './schedules/schedules.ts'
import { createServices } from './services/services.ts'
import type { Services } from './services/services.ts'
import { createEventLog } from './stream/log.ts'
import type { EventLog } from './stream/log.ts'
import { createSystem } from './system/health.ts'
import type { System } from './system/health.ts'
import { createTimeline } from './timeline/timeline.ts'
import type { Timeline } from './timeline/timeline.ts'
import { createTriage } from './triage/triage.ts'
import type { Triage } from './triage/triage.ts'
import { createReceivers } from './webhooks/receivers.ts'
import { createWebhooks } from './webhooks/webhooks.ts'
import type { Webhooks } from './webhooks/webhooks.ts'
import { createRegistry } from './workers/registry.ts'
import type { Registry } from './workers/registry.ts'
import { createSilenceWatch } from './workers/silence.ts'
import { createWorkers } from './workers/workers.ts'
import type { Workers } from './workers/workers.ts'

export interface Rooms {
  readonly catalog: Catalog
  readonly bull: Bull
  readonly jobs: Jobs
  readonly explain: Explain
  readonly queues: Queues
  readonly dlq: Dlq
  readonly operations: Operations
  readonly batch: Batch
  readonly jobActions: JobActions
  readonly retries: Retries
  readonly services: Services
  readonly schedules: Schedules
  readonly scheduleRuns: ScheduleRuns
  readonly foreignSchedulers: Foreign
  readonly webhooks: Webhooks
  readonly deliveries: Deliveries
  readonly breakers: Breakers
  readonly budgets: Budgets
  readonly attempts: History
  readonly timeline: Timeline
  /** What changed since somebody last looked. */
  readonly changes: ChangesRoom
  readonly triage: Triage
  readonly metrics: Metrics
  readonly rewind: Rewind
  readonly imports: Imports
  readonly inbound: Inbound
  readonly log: EventLog
  readonly registry: Registry
  readonly workers: Workers
  readonly auth: Auth
  readonly preferences: PreferencesRoom
  readonly limits: Limits
  readonly audit: Audit
  readonly alerts: Alerts
  readonly system: System
  /** What runs beside requests in each process of the API. */
  readonly beside: readonly Service[]
  /** Lets go of what rooms hold; the kernel's connections are the kernel's to close. */
  close(): Promise<void>
}

/** Makes every room. Nothing waits for Redis here: with Redis away the rooms are there and their verbs say so. */
export const assemble = (kernel: Kernel, catalog: Catalog = everyKind): Rooms => {
  const bull = createBull(kernel)
  // Ours from the first moment; a length that cannot be written now is written by whoever starts the workers.
  for (const queue of queuesOf(catalog)) bull.claim(queue).catch(() => undefined)
  const registry = createRegistry(kernel)
  const system = createSystem(kernel)
  const attempts = createHistory(kernel, bull)
  const jobs = createJobs(kernel, { bull, catalog })
  const services = createServices(kernel, {
    declared: declaredServices,
    forget: (names) => breakers.forget(names),
  })
  const breakers = createBreakers(kernel, {
    services,
    parked: createParkedCount(kernel, bull, queuesOf(catalog)),
  })
  const triage = createTriage(kernel, bull)
  const scheduleRuns = createScheduleRuns(createCarrying(kernel, bull, catalog))
  const operations = createOperations(kernel, { bull, kinds: operationKinds(kernel, bull, catalog) })
  const performing = createPerforming(kernel, bull, catalog, (event) => scheduleRuns.react(event))
  const queues = createQueues(kernel, { bull, registry, operations })
  const alerts = createAlerts(kernel)
  const receivers = createReceivers(kernel.settings)
  const audit = createAudit(kernel)
  const schedules = createSchedules(kernel, { bull, catalog })
  const timeline = createTimeline(kernel, bull, { catalog, sources: { breakers, audit, scheduleRuns } })
  return {
    catalog,
    bull,
    jobs,
    explain: createExplain(kernel, { bull, registry, jobs }),
    queues,
    dlq: createDlq(kernel, { bull, catalog, operations }),
    operations,
    batch: createBatch(kernel, { performing, operations }),
    jobActions: createJobActions(kernel, { select: createSelectJobs(performing.steering), operations }),
    retries: createRetries(kernel, { bull, catalog, history: attempts, jobs, circuitOf: circuitsOf(kernel, breakers) }),
    services,
    schedules,
    scheduleRuns,
    foreignSchedulers: createForeign(kernel, { bull, catalog }),
    deliveries: createDeliveries(kernel, { bull, operations }),
    webhooks: createWebhooks(kernel, {
      receivers,
      send: createSendTest(kernel, receivers),
      health: createHealth(kernel),
    }),
    breakers,
    budgets: createBudgets(kernel),
    attempts,
    timeline,
    changes: createChanges(kernel, { alerts, triage, breakers, audit, schedules, scheduleRuns, operations, timeline }),
    triage,
    metrics: createMetrics(kernel, {
      ...{ queues, breakers, alerts, dead: triage },
      durability: () => system.durability.level,
    }),
    rewind: createRewind(kernel, { alerts }),
    imports: createImports(kernel, { jobs }),
    inbound: createInbound(kernel, { react: (event) => scheduleRuns.react(event) }),
    log: createEventLog(kernel),
    registry,
    workers: createWorkers(kernel, { registry, operations }),
    auth: createAuth(kernel),
    preferences: createPreferences(kernel),
    limits: createLimits(kernel),
    audit,
    alerts,
    system,
    beside: [createResumer(kernel, bull), createExpirer(kernel, bull, queuesOf(catalog)), createSilenceWatch(kernel)],
    async close() {
      await operations.close()
      await bull.close()
    },
  }
}
