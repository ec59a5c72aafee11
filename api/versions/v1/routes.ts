// Version 1, route by route: what it is called, which row of today does the work, and how the answer is told.
import { z } from 'zod'
import { contract } from '../../../shared/contract.ts'
import { list, route } from '../adapter.ts'
import type { Adapter } from '../adapter.ts'
import { jobFilters, jobNames, jobOf, jobQuery, queueOf } from './jobs.ts'
import { breakerOf, deadLetterOf, metricsOf, resubmitNames, resubmittedOf } from './recovery.ts'
import { scheduleNames, scheduleOf, triggeredOf } from './schedules.ts'
import { webhookMadeOf, webhookNames, webhookOf } from './webhooks.ts'

const { jobs, queues, dlq, breakers, schedules, scheduleRuns, webhooks, metrics } = contract
const nothing = (): null => null

const inQueue = {
  filters: { queue: z.string().max(256).optional() },
  query: ({ queue }: { queue: string | undefined }) => ({ queue: queue === undefined ? [] : [queue] }),
}
const all = { filters: {}, query: () => ({}) }

export const routes: readonly Adapter[] = [
  list('GET /jobs', jobs.list, { filters: jobFilters, query: jobQuery, item: jobOf }),
  route('POST /jobs', jobs.create, { body: jobNames, answer: jobOf }),
  route('GET /jobs/:id', jobs.show, { answer: jobOf }),
  route('POST /jobs/:id/retry', jobs.retry, { answer: jobOf }),

  list('GET /queues', queues.list, { ...all, item: queueOf }),
  route('GET /queues/:name', queues.show, { answer: queueOf }),

  list('GET /dlq', dlq.list, { ...inQueue, item: deadLetterOf }),
  route('GET /dlq/:id', dlq.show, { answer: deadLetterOf }),
  route('POST /dlq/:id/retry', dlq.resubmit, { body: resubmitNames, answer: resubmittedOf }),

  list('GET /circuit-breakers', breakers.list, { ...all, item: breakerOf }),
  route('GET /circuit-breakers/:service', breakers.show, { answer: breakerOf }),
  route('POST /circuit-breakers/:service/reset', breakers.reset, { answer: breakerOf }),

  list('GET /schedules', schedules.list, { ...inQueue, item: scheduleOf }),
  route('POST /schedules', schedules.create, { body: scheduleNames, answer: scheduleOf }),
  route('GET /schedules/:id', schedules.show, { answer: scheduleOf }),
  route('DELETE /schedules/:id', schedules.remove, { answer: nothing }),
  route('POST /schedules/:id/pause', schedules.pause, { answer: scheduleOf }),
  route('POST /schedules/:id/resume', schedules.resume, { answer: scheduleOf }),
  route('POST /schedules/:id/trigger', scheduleRuns.trigger, { answer: triggeredOf }),

  list('GET /webhooks', webhooks.list, { ...all, item: webhookOf }),
  route('POST /webhooks', webhooks.create, { body: webhookNames, answer: webhookMadeOf }),
  route('GET /webhooks/:id', webhooks.show, { answer: webhookOf }),
  route('PATCH /webhooks/:id', webhooks.edit, { body: webhookNames, answer: webhookOf }),
  route('DELETE /webhooks/:id', webhooks.remove, { answer: nothing }),

  route('GET /metrics', metrics.overview, { answer: metricsOf }),
]
