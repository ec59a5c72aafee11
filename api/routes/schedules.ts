// Routes of schedules.
import type { Rooms } from '../../shared/rooms.ts'
import { schedules as rows } from '../../shared/schedules/contract.ts'
import { foreignSchedulers as foreign } from '../../shared/schedules/foreign-contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch, mustBeNew } from '../http/conditions.ts'

const at = (id: string): Record<string, string> => ({ Location: `/api/v2/scheduler/schedules/${id}` })

export const bindSchedules = (bind: Bind, { schedules, foreignSchedulers }: Rooms): void => {
  bind(rows.list, async ({ principal, query }) => reply(200, await schedules.list(principal, query)))
  bind(rows.create, async ({ principal, body, idempotencyKey }) => {
    const schedule = await schedules.create(principal, body, idempotencyKey)
    return reply(201, schedule, { ...at(schedule.id), ...etagOf(schedule) })
  })
  bind(rows.show, async ({ principal, params }) => {
    const schedule = await schedules.show(principal, params.schedule_id)
    return reply(200, schedule, etagOf(schedule))
  })
  bind(rows.put, async ({ principal, params, body, req }) => {
    const condition = { versions: ifMatch(req), isNew: mustBeNew(req) }
    const { schedule, created } = await schedules.put(principal, params.schedule_id, body, condition)
    return created
      ? reply(201, schedule, { ...at(schedule.id), ...etagOf(schedule) })
      : reply(200, schedule, etagOf(schedule))
  })
  bind(rows.edit, async ({ principal, params, body, req }) => {
    const schedule = await schedules.edit(principal, params.schedule_id, body, { versions: ifMatch(req) })
    return reply(200, schedule, etagOf(schedule))
  })
  bind(rows.remove, async ({ principal, params, req }) => {
    await schedules.remove(principal, params.schedule_id, { versions: ifMatch(req) })
    return reply(204, null)
  })
  bind(rows.reset, async ({ principal, params, body, req }) => {
    const schedule = await schedules.reset(principal, params.schedule_id, body?.members, { versions: ifMatch(req) })
    return reply(200, schedule, etagOf(schedule))
  })
  bind(rows.pause, async ({ principal, params, body = {}, req }) => {
    const schedule = await schedules.pause(principal, params.schedule_id, body, { versions: ifMatch(req) })
    return reply(200, schedule, etagOf(schedule))
  })
  bind(rows.resume, async ({ principal, params, req }) => {
    const schedule = await schedules.resume(principal, params.schedule_id, { versions: ifMatch(req) })
    return reply(200, schedule, etagOf(schedule))
  })
  bind(rows.preview, async ({ principal, params, query }) =>
    reply(200, await schedules.preview(principal, params.schedule_id, query)),
  )
  bind(rows.validate, ({ body }) => Promise.resolve(reply(200, schedules.validate(body))))
  bind(foreign.foreign, async ({ principal, query }) => reply(200, await foreignSchedulers.list(principal, query)))
  bind(foreign.adopt, async ({ principal, params }) => {
    const from = { queue: params.queue, schedulerId: params.scheduler_id }
    const { id, isNew } = await foreignSchedulers.adopt(principal, from)
    const schedule = await schedules.show(principal, id)
    return isNew ? reply(201, schedule, { ...at(id), ...etagOf(schedule) }) : reply(200, schedule, etagOf(schedule))
  })
}
