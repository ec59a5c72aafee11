// Routes of queues.
import type { z } from 'zod'
import type { Operation } from '../../shared/operations/words.ts'
import { DrainRequest, PromoteAllRequest, RetryAllRequest } from '../../shared/queues/work-contract.ts'
import { queues as rows } from '../../shared/queues/contract.ts'
import type { Queue } from '../../shared/queues/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'
import { underWay } from './operations.ts'

/** A body may be left out where all of it may. */
const given = <Schema extends z.ZodType>(schema: Schema, body: z.output<Schema> | undefined): z.output<Schema> =>
  body ?? schema.parse({})
const tagged = (queue: Queue) => reply(200, queue, etagOf({ version: queue.config_version }))
const began = (operation: Operation) => reply(202, operation, underWay(operation.id))

export const bindQueues = (bind: Bind, { queues, rewind }: Rooms): void => {
  bind(rows.list, async ({ principal, query: { as_of } }) =>
    reply(200, as_of === undefined ? { data: await queues.list(principal) } : await rewind.queues(principal, as_of)),
  )
  bind(rows.show, async ({ principal, params }) => tagged(await queues.show(principal, params.queue)))
  bind(rows.pause, async ({ principal, params, body }) => reply(200, await queues.pause(principal, params.queue, body)))
  bind(rows.resume, async ({ principal, params }) => reply(200, await queues.resume(principal, params.queue)))
  bind(rows.change, async ({ principal, params, body, req }) =>
    tagged(await queues.change(principal, params.queue, body, { versions: ifMatch(req) })),
  )
  bindWork(bind, queues.work)
}

const bindWork = (bind: Bind, work: Rooms['queues']['work']): void => {
  bind(rows.drain, async ({ principal, params, body, idempotencyKey }) =>
    began(await work.drain(principal, params.queue, given(DrainRequest, body), { idempotencyKey })),
  )
  bind(rows.clean, async ({ principal, params, body, idempotencyKey }) =>
    began(await work.clean(principal, params.queue, body, { idempotencyKey })),
  )
  bind(rows.obliterate, async ({ principal, params, body, idempotencyKey }) =>
    began(await work.obliterate(principal, params.queue, body, { idempotencyKey })),
  )
  bind(rows.retryAll, async ({ principal, params, body, idempotencyKey }) =>
    began(await work.retryAll(principal, params.queue, given(RetryAllRequest, body), { idempotencyKey })),
  )
  bind(rows.promoteAll, async ({ principal, params, body, idempotencyKey }) =>
    began(await work.promoteAll(principal, params.queue, given(PromoteAllRequest, body), { idempotencyKey })),
  )
}
