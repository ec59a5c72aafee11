// Routes of error recovery: retries and dead letters.
import { ResubmitRequest, dlq as deadRows } from '../../shared/dlq/contract.ts'
import { RetryRequest, retries as retryRows } from '../../shared/retries/contract.ts'
import { triage as triageRows } from '../../shared/triage/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { underWay } from './operations.ts'
import { ifMatch } from '../http/if-match.ts'

const at = (id: string): Record<string, string> => ({ Location: `/api/v2/jobs/${encodeURIComponent(id)}` })

export const bindRecovery = (bind: Bind, { jobs, retries, dlq, triage }: Rooms): void => {
  bind(retryRows.show, async ({ principal, params, query }) =>
    reply(200, await retries.show(await jobs.locate(principal, params.task_id, query.queue))),
  )
  bind(retryRows.retry, async ({ principal, params, query, body }) => {
    const address = await jobs.locate(principal, params.task_id, query.queue)
    const accepted = await retries.retry(principal, address, body ?? RetryRequest.parse({}))
    return reply(202, accepted, at(accepted.task_id))
  })
  bind(deadRows.list, async ({ principal, query }) => reply(200, await dlq.list(principal, query)))
  bind(deadRows.show, async ({ principal, params }) => reply(200, await dlq.show(principal, params.dlq_id)))
  bind(deadRows.change, async ({ principal, params, body }) =>
    reply(200, await dlq.change(principal, params.dlq_id, body)),
  )
  bind(deadRows.resubmit, async ({ principal, params, body }) => {
    const resubmitted = await dlq.resubmit(principal, params.dlq_id, body ?? ResubmitRequest.parse({}))
    return reply(202, resubmitted, at(resubmitted.task_id))
  })
  bind(deadRows.discard, async ({ principal, params }) => {
    await dlq.discard(principal, params.dlq_id)
    return reply(204, null)
  })
  bind(deadRows.restore, async ({ principal, params }) => reply(200, await dlq.restore(principal, params.dlq_id)))
  bind(deadRows.resubmitMany, async ({ principal, body, idempotencyKey }) => {
    if (body.dry_run) return reply(200, await dlq.preview(principal, body))
    const operation = await dlq.resubmitMany(principal, body, { idempotencyKey })
    return reply(202, operation, underWay(operation.id))
  })
  bind(deadRows.purge, async ({ principal, body, idempotencyKey }) => {
    if (body.dry_run) return reply(200, await dlq.preview(principal, body))
    const operation = await dlq.discardMany(principal, body, { idempotencyKey })
    return reply(202, operation, underWay(operation.id))
  })
  bindTriage(bind, triage)
}

const tagged = (version: number): Record<string, string> => ({ ETag: `"${version}"` })

const bindTriage = (bind: Bind, triage: Rooms['triage']): void => {
  bind(triageRows.list, async ({ principal, query }) => reply(200, await triage.list(principal, query)))
  bind(triageRows.show, async ({ principal, params }) => {
    const group = await triage.show(principal, params.group_id)
    return reply(200, group, tagged(group.version))
  })
  bind(triageRows.decide, async ({ principal, params, body, req }) => {
    const group = await triage.decide(principal, params.group_id, body, ifMatch(req))
    return reply(200, group, tagged(group.version))
  })
  bind(triageRows.decideMany, async ({ principal, body }) =>
    reply(200, { data: await triage.decideMany(principal, body) }),
  )
  bind(triageRows.merge, async ({ principal, params, body }) =>
    reply(200, await triage.merge(principal, params.group_id, body.into)),
  )
  bind(triageRows.split, async ({ principal, params, body }) =>
    reply(200, { data: await triage.split(principal, params.group_id, body) }),
  )
  bind(triageRows.metrics, async ({ principal, query }) => reply(200, await triage.metrics(principal, query)))
}
