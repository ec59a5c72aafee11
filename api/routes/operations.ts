// Routes of operations.
import { operations as rows } from '../../shared/operations/contract.ts'
import type { Operation } from '../../shared/operations/words.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

const again = { 'Retry-After': '1' }

/** Where an operation is watched, and when to look. */
export const underWay = (id: string): Record<string, string> => ({ Location: `/api/v2/operations/${id}`, ...again })

const isUnderWay = ({ status }: Operation): boolean => status === 'queued' || status === 'running'

export const bindOperations = (bind: Bind, { operations }: Pick<Rooms, 'operations'>): void => {
  bind(rows.list, async ({ principal, query }) => reply(200, await operations.list(principal, query)))
  bind(rows.show, async ({ principal, params }) => {
    const operation = await operations.show(principal, params.operation_id)
    return reply(200, operation, isUnderWay(operation) ? again : {})
  })
  bind(rows.results, async ({ principal, params, query }) =>
    reply(200, await operations.results(principal, params.operation_id, query)),
  )
  bind(rows.fates, async ({ principal, params }) => reply(200, await operations.fates(principal, params.operation_id)))
  bind(rows.cancel, async ({ principal, params }) =>
    reply(202, await operations.cancel(principal, params.operation_id)),
  )
  bind(rows.pause, async ({ principal, params }) => reply(202, await operations.pause(principal, params.operation_id)))
  bind(rows.resume, async ({ principal, params }) =>
    reply(202, await operations.resume(principal, params.operation_id)),
  )
  bind(rows.pace, async ({ principal, params, body }) =>
    reply(202, await operations.pace(principal, params.operation_id, body.per_s)),
  )
  bind(rows.undo, async ({ principal, params }) => {
    const operation = await operations.undo(principal, params.operation_id)
    return reply(202, operation, underWay(operation.id))
  })
}
