// Routes of what schedules do.
import type { Rooms } from '../../shared/rooms.ts'
import { scheduleRuns as rows } from '../../shared/schedules/runs-contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindScheduleRuns = (bind: Bind, { scheduleRuns: runs }: Pick<Rooms, 'scheduleRuns'>): void => {
  bind(rows.trigger, async ({ principal, params, body, idempotencyKey }) => {
    const made = await runs.trigger(principal, params.schedule_id, body, idempotencyKey)
    return reply(202, made, { Location: `/api/v2/jobs/${encodeURIComponent(made.task_id)}` })
  })
  bind(rows.runs, async ({ principal, params, query }) =>
    reply(200, await runs.of(principal, params.schedule_id, query)),
  )
  bind(rows.history, async ({ principal, query }) => reply(200, await runs.history(principal, query)))
  bind(rows.upcoming, async ({ principal, query }) => reply(200, await runs.upcoming(principal, query)))
  bind(rows.metrics, async ({ principal, query }) => reply(200, await runs.metrics(principal, query)))
}
