// Every room's routes. The stream's connections bind their own rows; see `api/live`.
import type { Rooms } from '../../shared/rooms.ts'
import type { Bind } from '../http/bind.ts'
import type { MetricsPage } from '../metrics/metrics.ts'
import type { VersionTable } from '../versions/table.ts'
import { bindAlerts } from './alerts.ts'
import { bindAudit } from './audit.ts'
import { bindAuth } from './auth.ts'
import { bindBatch } from './batch.ts'
import { bindDeliveries } from './deliveries.ts'
import { bindEvents } from './events.ts'
import { bindFigures } from './figures.ts'
import { bindImports } from './imports.ts'
import { bindJobs } from './jobs.ts'
import { bindLimits } from './limits.ts'
import { bindOperations } from './operations.ts'
import { bindPreferences } from './preferences.ts'
import { bindQueues } from './queues.ts'
import { bindBreakers } from './breakers.ts'
import { bindRecovery } from './recovery.ts'
import { bindScheduleRuns } from './schedule-runs.ts'
import { bindSchedules } from './schedules.ts'
import { bindServices } from './services.ts'
import { bindStream } from './stream.ts'
import { bindSystem } from './system.ts'
import { bindTouches } from './touches.ts'
import { bindWebhooks } from './webhooks.ts'
import { bindWorkers } from './workers.ts'

export interface Doorway {
  publicUrl: () => string
  versions: VersionTable
  metrics: Pick<MetricsPage, 'text'>
}

export const bindRoutes = (bind: Bind, rooms: Rooms, { publicUrl, versions, metrics }: Doorway): void => {
  bindJobs(bind, rooms)
  bindQueues(bind, rooms)
  bindWorkers(bind, rooms)
  bindRecovery(bind, rooms)
  bindBreakers(bind, rooms)
  bindServices(bind, rooms)
  bindTouches(bind, rooms)
  bindSchedules(bind, rooms)
  bindScheduleRuns(bind, rooms)
  bindWebhooks(bind, rooms)
  bindDeliveries(bind, rooms)
  bindEvents(bind, rooms)
  bindOperations(bind, rooms)
  bindBatch(bind, rooms)
  bindFigures(bind, rooms, metrics)
  bindImports(bind, rooms)
  bindStream(bind, rooms, publicUrl)
  bindAuth(bind, rooms, publicUrl)
  bindLimits(bind, rooms)
  bindPreferences(bind, rooms)
  bindAudit(bind, rooms)
  bindAlerts(bind, rooms)
  bindSystem(bind, rooms, versions)
}
