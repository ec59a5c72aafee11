// What schedules did, do now when somebody asks or something happens, and will do.
import type { Principal } from '../auth/contract.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Carrying } from './carry.ts'
import { figures } from './figures.ts'
import type { MetricsQuery } from './figures.ts'
import { react } from './react.ts'
import type { Happened, Reaction } from './react.ts'
import { passedOver } from './passed-over.ts'
import { historyOf, runsOf } from './read-runs.ts'
import type { HistoryQuery, RunsQuery } from './read-runs.ts'
import type { PassedOver, ScheduleRun, ScheduleTriggeredRun, SchedulerMetrics, Upcoming } from './runs-contract.ts'
import { through } from './through.ts'
import type { Through } from './through.ts'
import { trigger } from './trigger.ts'
import type { Triggering } from './trigger.ts'
import { upcoming } from './upcoming.ts'
import type { UpcomingQuery } from './upcoming.ts'

/** Principals see and touch schedules whose queues they may use. */
export interface ScheduleRuns {
  /** Makes a job now; the same key makes one. Problems: `schedule-not-found`, `schedule-paused`, `triggered-just-now`,
   *  `validation-failed`. */
  trigger(principal: Principal, id: string, wished: Triggering, key?: string): Promise<ScheduleTriggeredRun>
  /** Problem: `schedule-not-found`. */
  of(principal: Principal, id: string, query: RunsQuery): Promise<Page<ScheduleRun>>
  history(principal: Principal, query: HistoryQuery): Promise<Page<ScheduleRun>>
  /** Slots from one time to another, in epoch ms, that no job was made for, as far as the newest thousand runs tell, or five thousand for who may see some queues. */
  passedOver(principal: Principal, span: { from: number; to: number }): Promise<PassedOver>
  upcoming(principal: Principal, query: UpcomingQuery): Promise<Upcoming>
  /** Schedules whose jobs call a service. */
  through(principal: Principal, service: string): Promise<Through>
  metrics(principal: Principal, query: MetricsQuery): Promise<SchedulerMetrics>
  /** Sets off what waits for the event; again with the same event it makes nothing twice and answers the same. */
  react(event: Happened): Promise<Reaction[]>
}

export const createScheduleRuns = (room: Carrying): ScheduleRuns => ({
  trigger: (principal, id, wished, key) => guardRedis(trigger(room, principal, id, wished, key)),
  of: (principal, id, query) => guardRedis(runsOf(room, principal, id, query), 'read'),
  history: (principal, query) => guardRedis(historyOf(room, principal, query), 'read'),
  passedOver: (principal, span) => guardRedis(passedOver(room, principal, span), 'read'),
  upcoming: (principal, query) => guardRedis(upcoming(room, principal, query), 'read'),
  through: (principal, service) => guardRedis(through(room, principal, service), 'read'),
  metrics: (principal, query) => guardRedis(figures(room, principal, query), 'read'),
  react: (event) => guardRedis(react(room, event)),
})
