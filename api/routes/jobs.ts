// Routes of jobs.
import { explain as explainRows } from '../../shared/explain/contract.ts'
import { jobActions as actionRows } from '../../shared/batch/actions-contract.ts'
import type { ActionRequest } from '../../shared/batch/actions-contract.ts'
import { inWords } from '../../shared/bullmq/receipt.ts'
import { CloneRequest, jobs as rows } from '../../shared/jobs/contract.ts'
import type { Job } from '../../shared/jobs/contract.ts'
import type { Adding, Enqueued } from '../../shared/jobs/jobs.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Address } from '../../shared/kernel/ids.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import type { Caller } from '../http/call.ts'
import { underWay } from './operations.ts'

const at = (id: string): Record<string, string> => ({ Location: `/api/v2/jobs/${encodeURIComponent(id)}` })

export const bindJobs = (bind: Bind, { jobs, jobActions, attempts, explain }: Rooms): void => {
  bindActions(bind, jobActions)
  type About = { principal: Principal; params: { task_id: string }; query: { queue?: string | undefined } }
  const find = ({ principal, params, query }: About): Promise<Address> =>
    jobs.find(principal, params.task_id, query.queue)
  const locate = ({ principal, params, query }: About): Promise<Address> =>
    jobs.locate(principal, params.task_id, query.queue)

  const made = (job: Enqueued['job']) => reply(201, job, at(job.id))
  bind(
    rows.create,
    async ({ principal, body, idempotencyKey, traceparent, claim }) => {
      const keyed = claim && {
        take: () => claim.take(),
        carry: (job: Job, facts: string, add: Adding) => claim.carry(made(job), facts, add),
      }
      const { job, created } = await jobs.enqueue(principal, body, { idempotencyKey, claim: keyed, traceparent })
      return created ? made(job) : reply(200, job, at(job.id))
    },
    {
      retell: ({ principal, body, idempotencyKey }, facts) =>
        inWords(jobs.retell(principal, body, { idempotencyKey, facts }), made),
    },
  )
  bind(rows.createMany, async ({ principal, body, idempotencyKey, traceparent }) =>
    reply(201, await jobs.enqueueMany(principal, body, { idempotencyKey, traceparent })),
  )
  bind(rows.list, async ({ principal, query }) => reply(200, await jobs.list(principal, query)))
  bind(rows.search, async ({ principal, body }) => reply(200, await jobs.search(principal, body)))
  bind(rows.show, async (call) => reply(200, await jobs.show(call.principal, await locate(call))))
  bind(explainRows.show, async ({ principal, params, query }) =>
    reply(200, await explain.show(principal, params.task_id, query.queue)),
  )
  bind(rows.attempts, async (call) => reply(200, { data: await attempts.list(await find(call)) }))
  bind(rows.tree, async (call) => reply(200, await jobs.tree(call.principal, await find(call), call.query.depth)))
  bind(rows.logs, async (call) => reply(200, await jobs.logs(await find(call), call.query)))
  bind(rows.result, async (call) => {
    const { done, body } = await jobs.result(await find(call), call.query.wait * 1_000, call.signal)
    return done ? reply(200, body) : reply(202, body, { 'Retry-After': '1' })
  })
  bind(rows.cancel, async (call) => {
    const { job, settled } = await jobs.cancel(
      call.principal,
      await locate(call),
      call.body?.reason,
      call.body?.force_after_ms,
    )
    return settled ? reply(200, job) : reply(202, job)
  })
  bind(rows.promote, async (call) => reply(200, await jobs.promote(call.principal, await locate(call))))
  bind(rows.retry, async (call) => {
    const job = await jobs.retry(call.principal, await locate(call))
    return reply(202, job, at(job.id))
  })
  bind(rows.skip, async (call) => reply(200, await jobs.skip(call.principal, await locate(call), call.body?.reason)))
  bind(rows.clone, async (call) => {
    const request = call.body ?? CloneRequest.parse({})
    const job = await jobs.clone(call.principal, await find(call), request, call.idempotencyKey)
    return reply(201, job, at(job.id))
  })
  bind(rows.change, async (call) => reply(200, await jobs.change(call.principal, await locate(call), call.body)))
  bind(rows.remove, async (call) => {
    await jobs.remove(call.principal, await locate(call))
    return reply(204, null)
  })
}

const actions = [
  ['cancel', actionRows.cancelAll],
  ['retry', actionRows.retryAll],
  ['promote', actionRows.promoteAll],
  ['delete', actionRows.deleteAll],
  ['skip', actionRows.skipAll],
] as const

const bindActions = (bind: Bind, jobActions: Rooms['jobActions']): void => {
  for (const [action, row] of actions)
    bind(row, async ({ principal, body, idempotencyKey }: ActionCall) => {
      if (body.dry_run) return reply(200, await jobActions.preview(principal, action, body))
      const operation = await jobActions.start(principal, action, body, idempotencyKey)
      return reply(202, operation, underWay(operation.id))
    })
}

type ActionCall = Pick<Caller, 'principal' | 'idempotencyKey'> & { body: ActionRequest }
