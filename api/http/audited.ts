// The one place where requests reach the audit: what a row says it changes is noted before it is made and told after it.
import type { Audit, Begun, Intent } from '../../shared/audit/audit.ts'
import type { AuditActor } from '../../shared/audit/contract.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Changes, Endpoint } from '../../shared/kernel/endpoint.ts'
import { Call } from './call.ts'
import type { Caller, Input } from './call.ts'
import type { Retell } from './carrier.ts'
import type { Prepared } from './prepare.ts'
import { toProblem } from './problems.ts'
import { perform } from './render.ts'
import type { AnyHandler, Rendered } from './render.ts'
import type { Ctx } from './state.ts'

/** A row with what answers it. */
export interface Bound {
  row: Endpoint
  prepared: Prepared
  handler: AnyHandler
  /** It takes the Idempotency-Key of its request itself, and tells a repeated one again what it answered. */
  retell: Retell<AnyCall> | undefined
}

type AnyCall = Caller & Input
type Work = (bound: Bound, call: AnyCall, ctx: Ctx) => Promise<Rendered>

export interface Audited {
  /** Makes a row known, which may show what others change. */
  add(row: Endpoint, handler: AnyHandler): void
  /** Calls the verb of a row, and has the audit tell of it. */
  readonly perform: Work
}

const plainly: Work = ({ row, prepared, handler }, call, ctx) =>
  perform(row, prepared, handler, call as unknown as Parameters<AnyHandler>[0], ctx)

/** Refusals after which nobody knows what became of the change. */
const uncertain = new Set(['outcome-unknown', 'internal', 'timeout'])

export const createAudited = (audit: Audit): Audited => {
  const showing = new Map<string, { row: Endpoint; handler: AnyHandler }>()

  /** How a thing is, as its own row shows it; undefined where there is none. */
  const lookAt = async (changes: Changes, call: AnyCall, ctx: Ctx): Promise<unknown> => {
    const shown = showing.get(changes.shownBy ?? '')
    if (!shown) return undefined
    const { row, handler } = shown
    const input = { params: call.params, query: row.query?.safeParse(call.query ?? {}).data, body: undefined }
    const asked = new Call(ctx, call.principal, undefined, input) as unknown as Parameters<AnyHandler>[0]
    // A thing that is not there is told by the change itself.
    const answer = await handler(asked).catch(() => undefined)
    return answer && row.replies[answer.status]?.safeParse(answer.body).data
  }
  const change = async (bound: Bound, changes: Changes, call: AnyCall, ctx: Ctx): Promise<Rendered> => {
    const before = await lookAt(changes, call, ctx)
    const intent = intentOf(bound.row, changes, call)
    const begun = await audit.begin({ ...intent, target: intent.target ?? idIn(changes, before), before })
    try {
      const rendered = await plainly(bound, call, ctx)
      tell(begun, { bound, changes, call }, rendered)
      return rendered
    } catch (error) {
      if (uncertain.has(toProblem(error, true).code)) void begun.end({ outcome: 'unknown' })
      else begun.forget()
      throw error
    }
  }
  /** That it was about to be made is kept already, so whoever asked for it is not kept waiting. */
  const tell = (begun: Begun, { bound, changes, call }: Change, rendered: Rendered): void => {
    if (changes.statuses?.includes(rendered.status) === false) {
      begun.forget()
      return
    }
    const after = typeof rendered.body === 'string' ? (JSON.parse(rendered.body) as unknown) : undefined
    const { row } = bound
    const shownAs = showing.get(changes.shownBy ?? '')?.row.replies[200]
    const isSame = row.replies[rendered.status] === shownAs
    void begun.end({
      outcome: 'done',
      target: idIn(changes, after),
      after: changes.asked ? { asked: call.body ?? {}, answered: after } : after,
      isSame,
      actor: actorOf(call.actor),
    })
  }
  const handIn = async (bound: Bound, changes: Changes, call: AnyCall, ctx: Ctx): Promise<Rendered> => {
    let answered: unknown
    const handler: AnyHandler = async (asked) => {
      const answer = await bound.handler(asked)
      answered = answer.body
      return answer
    }
    const rendered = await plainly({ ...bound, handler }, call, ctx)
    if (changes.statuses?.includes(rendered.status) !== false)
      audit.work(intentOf(bound.row, changes, call), { outcome: 'done', target: idIn(changes, answered) })
    return rendered
  }
  return {
    add(row, handler) {
      if (row.method === 'GET') showing.set(row.operationId, { row, handler })
    },
    perform(bound, call, ctx) {
      const { changes } = bound.row
      const isTrial = memberOf(call.body, 'dry_run') === true
      if (changes === undefined || changes === 'nothing' || isTrial) return plainly(bound, call, ctx)
      return changes.log === 'work' ? handIn(bound, changes, call, ctx) : change(bound, changes, call, ctx)
    },
  }
}

interface Change {
  bound: Bound
  changes: Changes
  call: AnyCall
}

/** Who asks, as the audit names them. */
export const actorOf = ({ kind, id, name }: Principal): AuditActor => ({ kind, id, name })

const intentOf = (row: Endpoint, changes: Changes, call: AnyCall): Intent => {
  const reason = memberOf(call.body, 'reason')
  const target = changes.id === null ? null : memberOf(call.params, changes.id)
  return {
    actor: actorOf(call.actor),
    action: row.operationId,
    kind: changes.kind,
    target: target === null ? null : textOf(target),
    reason: typeof reason === 'string' ? reason : undefined,
    requestId: call.requestId,
    ip: call.req.socket.remoteAddress,
  }
}

const idIn = ({ id }: Changes, thing: unknown): string | undefined =>
  id === null ? undefined : textOf(memberOf(thing, id))

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
