// Routes of worker processes.
import { workers as rows } from '../../shared/workers/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { underWay } from './operations.ts'

export const bindWorkers = (bind: Bind, { workers }: Pick<Rooms, 'workers'>): void => {
  bind(rows.list, async ({ principal }) => reply(200, { data: await workers.list(principal) }))
  bind(rows.show, async ({ principal, params }) => reply(200, await workers.show(principal, params.worker_id)))
  bind(rows.pause, async ({ principal, params, body }) => {
    const operation = await workers.pause(principal, params.worker_id, body?.timeout_ms)
    return reply(202, operation, underWay(operation.id))
  })
  bind(rows.resume, async ({ principal, params }) => {
    const operation = await workers.resume(principal, params.worker_id)
    return reply(202, operation, underWay(operation.id))
  })
  bind(rows.shutdown, async ({ principal, params, body }) => {
    const operation = await workers.shutdown(principal, params.worker_id, body?.timeout_ms)
    return reply(202, operation, underWay(operation.id))
  })
}
