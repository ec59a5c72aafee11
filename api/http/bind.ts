// Binds a row of the contract to a room's verb: identify, charge, authorize, parse, once, call, filter, reply.
import type { Audit } from '../../shared/audit/audit.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import { spellingsOf } from '../../shared/kernel/endpoint.ts'
import type { Endpoint, Parsed, Reply } from '../../shared/kernel/endpoint.ts'
import { NotAcceptable } from '../../shared/kernel/problems.ts'
import { networkOf } from '../../shared/kernel/windows.ts'
import type { Admission } from './admission.ts'
import { createAudited } from './audited.ts'
import type { Audited, Bound } from './audited.ts'
import { authorize } from './authorize.ts'
import { Call } from './call.ts'
import type { Retell } from './carrier.ts'
import type { Charge } from './charge.ts'
import type { Caller } from './call.ts'
import { parseIdempotencyKey } from './idempotency.ts'
import { ANONYMOUS, identifyOnce } from './identify.ts'
import type { Identify } from './identify.ts'
import { parseBody, parseParams, parseSearch, readBody } from './input.ts'
import { parseAccept } from '../versions/negotiate.ts'
import { once } from './once.ts'
import type { OnceParts } from './once.ts'
import type { Stay } from './places.ts'
import { prepare, templateOf } from './prepare.ts'
import { send, whole } from './render.ts'
import type { AnyHandler, Rendered } from './render.ts'
import type { RouteTable } from './route-table.ts'
import type { Ctx } from './state.ts'

/** A handler of a row: its input is parsed, its reply is checked against the row by the compiler and, unless it
 *  is JSON already, again when sent. */
export type Handler<Row extends Endpoint> = (call: Parsed<Row> & Caller) => Promise<Reply<Row>>
/** A handler's answer; the literal status says which of the row's replies it is. */
export const reply = <const Status extends number, const Body>(
  status: Status,
  body: Body,
  headers: Record<string, string> = {},
): { status: Status; body: Body; headers: Record<string, string> } => ({ status, body, headers })

export interface Binding<Row extends Endpoint> {
  /** The handler gives Redis the request's Idempotency-Key along with its work, or takes it before (`call.claim`); this tells a
   *  repeated request again what the first one was answered. */
  retell?: Retell<Parsed<Row> & Caller>
}

export type Bind = <Row extends Endpoint>(row: Row, handler: Handler<Row>, binding?: Binding<Row>) => void

export interface BindParts extends OnceParts {
  audit: Audit
  admission: Admission
  routes: RouteTable
  identify: Identify
  charge: Charge
  /** Every row that was bound; the start checks that none is missing. */
  bound: Set<Endpoint>
}

export const createBind = (parts: BindParts): Bind => {
  const audited = createAudited(parts.audit)
  const add = (row: Endpoint, handler: AnyHandler, retell: Bound['retell']): void => {
    let bound: Bound | undefined
    const methods = row.method === 'GET' ? ['get', 'head'] : [row.method.toLowerCase()]
    const take = (ctx: Ctx): Promise<void> =>
      answer(parts, audited, (bound ??= { row, prepared: prepare(row), handler, retell }), ctx)
    parts.bound.add(row)
    audited.add(row, handler)
    for (const spelling of spellingsOf(row)) parts.routes.add(templateOf(spelling), methods, take)
  }
  return (row, handler, binding = {}) => add(row, handler as unknown as AnyHandler, binding.retell as Bound['retell'])
}

const answer = async (parts: BindParts, audited: Audited, bound: Bound, ctx: Ctx): Promise<void> => {
  const leave = parts.admission.enter(bound.row)
  try {
    await answerAdmitted(parts, audited, bound, ctx)
  } finally {
    leave()
  }
}

const answerAdmitted = async (parts: BindParts, audited: Audited, bound: Bound, ctx: Ctx): Promise<void> => {
  const { row } = bound
  const identified = row.scopes === 'public' ? ofPublic(parts.identify, row, ctx) : identifyOnce(parts.identify, ctx)
  const principal = identified instanceof Promise ? await identified : identified
  ctx.state.principal = principal
  const stay = parts.admission.join(row, principal, () => networkOf(ctx.req.socket.remoteAddress ?? ''))
  try {
    await answerJoined(parts, audited, bound, ctx, principal, stay)
  } finally {
    stay.leave()
  }
}

const answerJoined = async (
  parts: BindParts,
  audited: Audited,
  bound: Bound,
  ctx: Ctx,
  principal: Principal,
  stay: Stay,
): Promise<void> => {
  const { row, prepared } = bound
  const charged = parts.charge.first(ctx, principal, row.cost)
  if (charged) await charged
  authorize(principal, row.scopes)
  refuseUnacceptable(row, ctx)
  const params = parseParams(prepared, ctx)
  const query = parseSearch(prepared, ctx)
  const isLong = row.stays?.(query) === true
  if (isLong) stay.linger()
  const { raw, value } = await readBody(row, ctx)
  // Whoever sends slowly takes no turn from other requests of the same caller.
  const turn = isLong ? undefined : stay.turn()
  if (turn) await whileThere(ctx, stay, turn)
  const body = value === undefined ? undefined : parseBody(prepared, ctx.state.toToday?.(value) ?? value)
  parts.admission.checkBody(row, body)
  const rest = parts.charge.rest(ctx, principal, row.cost, { query, body })
  if (rest) await rest
  const key = row.idempotency === 'optional' ? parseIdempotencyKey(ctx.req.headers['idempotency-key']) : undefined
  const call = new Call(ctx, principal, key, { params, query, body })
  const work = (): Promise<Rendered> => audited.perform(bound, call, ctx)
  if (key === undefined) send(ctx, await work())
  else await once(parts, bound, { ctx, call, key, raw }, async () => whole(await work()))
}

/** Nobody works for a client that went away while it waited, nor does another wait for that. */
const whileThere = async ({ res }: Ctx, stay: Stay, turn: Promise<void>): Promise<void> => {
  const leave = (): void => stay.leave()
  if (res.closed) leave()
  res.once('close', leave)
  try {
    await turn
  } finally {
    res.off('close', leave)
  }
}

/** What takes a signed body is given credentials of other services, which are not looked up, nor counted as wrong ones. */
const ofPublic = (identify: Identify, row: Endpoint, ctx: Ctx): Principal | Promise<Principal> =>
  row.rawBody ? ANONYMOUS : orAnonymous(identify, ctx)

/** What is open to all is answered whatever credential came along, and while nobody's can be looked up. */
const orAnonymous = async (identify: Identify, ctx: Ctx): Promise<Principal> => {
  try {
    return await identifyOnce(identify, ctx)
  } catch {
    return ANONYMOUS
  }
}

/** A plain route cannot answer with text; those that do declare their type. */
const refuseUnacceptable = (row: Endpoint, ctx: Ctx): void => {
  const { accept } = ctx.req.headers
  if (row.replyType !== undefined || row.at === 'root' || accept === undefined || !accept.includes('text/')) return
  const ranges = parseAccept(accept)
  if (ranges.every((range) => range.type.startsWith('text/'))) throw NotAcceptable('This route answers with JSON.')
}
