// Routes of queues.
import { queues as rows } from '../../shared/queues/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindQueues = (bind: Bind, { queues }: Rooms): void => {
  bind(rows.list, async ({ principal }) => reply(200, { data: await queues.list(principal) }))
  bind(rows.show, async ({ principal, params }) => reply(200, await queues.show(principal, params.queue)))
  bind(rows.pause, async ({ principal, params, body }) =>
    reply(200, await queues.pause(principal, params.queue, body?.reason)),
  )
  bind(rows.resume, async ({ principal, params }) => reply(200, await queues.resume(principal, params.queue)))
}
