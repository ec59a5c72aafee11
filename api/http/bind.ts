// Binds a row of the contract to a room's verb: identify, authorize, parse, once, call, filter, reply.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { compile, z } from 'zod'
import type { Principal } from '../../shared/auth/contract.ts'
import { spellingsOf } from '../../shared/kernel/endpoint.ts'
import type { Endpoint, Parsed, Reply } from '../../shared/kernel/endpoint.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import { NotAcceptable } from '../../shared/kernel/problems.ts'
import { authorize } from './authorize.ts'
import { checkEncoding, dropBody, readJson } from './body.ts'
import { isFinal, parseIdempotencyKey } from './idempotency.ts'
import type { Idempotency, Kept } from './idempotency.ts'
import { ANONYMOUS } from './identify.ts'
import type { Identify } from './identify.ts'
import { parseAccept } from './negotiate.ts'
import { invalidBody, invalidParameters, problemReply, toProblem } from './problems.ts'
import { parseQuery } from './query.ts'
import type { RouteTable } from './route-table.ts'
import type { Ctx } from './state.ts'

/** What a handler is given beside the parsed input. */
export interface Caller {
  principal: Principal
  /** Aborts when the client goes away before it was answered. */
  readonly signal: AbortSignal
  requestId: string
  idempotencyKey?: string
  traceparent?: string
  /** The request itself, for rows with a raw body and for streams. */
  req: IncomingMessage
}

/** A handler of a row: its input is parsed, its reply is checked against the row by the compiler and again when sent. */
export type Handler<Row extends Endpoint> = (call: Parsed<Row> & Caller) => Promise<Reply<Row>>
/** A handler's answer; the literal status says which of the row's replies it is. */
export const reply = <const Status extends number, const Body>(
  status: Status,
  body: Body,
  headers: Record<string, string> = {},
): { status: Status; body: Body; headers: Record<string, string> } => ({ status, body, headers })

export type Bind = <Row extends Endpoint>(row: Row, handler: Handler<Row>) => void

export interface BindParts {
  routes: RouteTable
  identify: Identify
  idempotency: Idempotency
  publicUrl: () => string
  /** Every row that was bound; the start checks that none is missing. */
  bound: Set<Endpoint>
}

type AnyHandler = (
  call: Record<string, unknown> & Caller,
) => Promise<{ status: number; body: unknown; headers?: Record<string, string> }>

const BODY_LIMIT = 16_384
const unread = { raw: Buffer.alloc(0), value: undefined }
const emptyQuery = z.strictObject({})

/** Compiled ahead where zod can; every message stays the same as it falls back to the plain parser on a mistake. */
const faster = <Schema extends z.ZodType>(schema: Schema | undefined): Schema | undefined =>
  schema ? compile(schema) : undefined

/** Where Koa finds a row: without the version, which negotiation has taken out of the path. */
export const templateOf = (row: Endpoint): string =>
  row.at === 'root' ? row.path : row.path === '/api' ? '/api' : `/api${row.path}`

/** The parts of a row made ready on its first request: compiling all of them would hold up the start. */
const prepare = (row: Endpoint) => ({
  params: faster(row.params),
  query: faster(row.query),
  body: faster(row.body),
  replies: new Map(
    Object.entries(row.replies).map(([status, schema]) => [Number(status), faster(schema ?? undefined)]),
  ),
})
type Prepared = ReturnType<typeof prepare>

export const createBind = (parts: BindParts): Bind => {
  const add = (row: Endpoint, handler: AnyHandler): void => {
    let prepared: Prepared | undefined
    const methods = row.method === 'GET' ? ['get', 'head'] : [row.method.toLowerCase()]
    const take = async (ctx: Ctx): Promise<void> => answer(parts, row, (prepared ??= prepare(row)), handler, ctx)
    parts.bound.add(row)
    for (const spelling of spellingsOf(row)) parts.routes.add(templateOf(spelling), methods, take)
  }
  return (row, handler) => add(row, handler as unknown as AnyHandler)
}

const answer = async (
  parts: BindParts,
  row: Endpoint,
  prepared: Prepared,
  handler: AnyHandler,
  ctx: Ctx,
): Promise<void> => {
  const identified = row.scopes === 'public' ? orAnonymous(parts.identify, ctx) : parts.identify(ctx.req)
  const principal = identified instanceof Promise ? await identified : identified
  ctx.state.principal = principal
  authorize(principal, row.scopes)
  refuseUnacceptable(row, ctx)
  const params = parseParams(prepared, ctx)
  const query = parseSearch(prepared, ctx)
  const { raw, value } = await readBody(row, ctx)
  const body = value === undefined ? undefined : parseBody(prepared, value)
  const key = row.idempotency === 'optional' ? parseIdempotencyKey(ctx.req.headers['idempotency-key']) : undefined
  const call = new Call(ctx, principal, key, { params, query, body }) as unknown as Parameters<AnyHandler>[0]
  const work = (): Promise<Rendered> => perform(row, prepared, handler, call, ctx)
  if (key === undefined) send(ctx, await work())
  else await once(parts, row, { ctx, principal, key, raw }, async () => whole(await work()))
}

/** What is open to all is answered whatever credential came along, and while nobody's can be looked up. */
const orAnonymous = async (identify: Identify, ctx: Ctx): Promise<Principal> => {
  try {
    return await identify(ctx.req)
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

const parseParams = ({ params }: Prepared, ctx: Ctx): unknown => {
  if (!params) return undefined
  const result = params.safeParse(isDecodable(ctx.path) ? ctx.params : unreadable(ctx.params))
  if (!result.success) throw invalidParameters(result.error, 'path')
  return result.data
}

const isDecodable = (path: string): boolean => {
  if (!path.includes('%')) return true
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}

/** The router hands on as it is what it cannot decode; no schema of a parameter takes a NUL. */
const unreadable = (params: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.keys(params).map((name) => [name, '\u0000']))

const nothing = {}
const parseSearch = ({ query }: Prepared, ctx: Ctx): unknown => {
  const text = ctx.querystring
  if (!query) {
    if (text !== '') noQuery(text)
    return undefined
  }
  const result = query.safeParse(text === '' ? nothing : { ...parseQuery(text) })
  if (!result.success) throw invalidParameters(result.error, 'query')
  return result.data
}

/** A row without parameters refuses them all: a filter that is ignored silently is an accident. */
const noQuery = (text: string): void => {
  const result = emptyQuery.safeParse({ ...parseQuery(text) })
  if (!result.success) throw invalidParameters(result.error, 'query')
}

const readBody = async (row: Endpoint, ctx: Ctx): Promise<{ raw: Buffer; value: unknown }> => {
  if (row.rawBody) {
    checkEncoding(ctx.req.headers['content-encoding'])
    return unread
  }
  if (!row.body) {
    dropBody(ctx.req)
    return unread
  }
  return readJson(ctx.req, { limit: row.bodyLimit ?? BODY_LIMIT, optional: row.bodyOptional === true })
}

const parseBody = ({ body }: Prepared, value: unknown): unknown => {
  if (!body) return undefined
  const result = body.safeParse(value)
  if (!result.success) throw invalidBody(result.error)
  return result.data
}

interface Input {
  params: unknown
  query: unknown
  body: unknown
}

/** What a handler is called with. A class for the sake of its getter: an object that is made with one of its own is of a
 *  shape of its own, which keeps all it holds until the next full collection. */
class Call implements Caller, Input {
  readonly principal: Principal
  readonly requestId: string
  readonly req: IncomingMessage
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly idempotencyKey?: string
  readonly traceparent?: string
  readonly #ctx: Ctx
  #abort: AbortController | undefined

  constructor(ctx: Ctx, principal: Principal, key: string | undefined, { params, query, body }: Input) {
    this.#ctx = ctx
    this.principal = principal
    this.requestId = ctx.state.requestId
    this.req = ctx.req
    this.params = params
    this.query = query
    this.body = body
    if (key !== undefined) this.idempotencyKey = key
    if (ctx.state.traceparent !== undefined) this.traceparent = ctx.state.traceparent
  }

  /** Made on first use: most handlers are done before a client could change its mind. */
  get signal(): AbortSignal {
    if (this.#abort) return this.#abort.signal
    const made = (this.#abort = new AbortController())
    this.#ctx.res.once('close', () => made.abort())
    return made.signal
  }
}

/** A rendered reply: a whole text, or a stream that goes on. */
type Rendered = Omit<Kept, 'body'> & { body: Kept['body'] | Readable }

/** Only whole replies can be kept for a replay. */
const whole = ({ body, ...rest }: Rendered): Kept => {
  if (body instanceof Readable)
    throw new Error('a stream cannot be kept for a replay; its row must not take an Idempotency-Key')
  return { ...rest, body }
}

/** Calls the verb and renders what it says; what the row does not know is filtered out and cannot leak. */
const perform = async (
  row: Endpoint,
  { replies }: Prepared,
  handler: AnyHandler,
  call: Parameters<AnyHandler>[0],
  ctx: Ctx,
): Promise<Rendered> => {
  const { status, body, headers = {} } = await handler(call)
  if (!replies.has(status)) throw new Error(`${row.operationId} answered ${status}, which its row does not declare`)
  const schema = replies.get(status)
  const type = row.replyType ?? (ctx.state.vendor ? 'application/vnd.k1n.v2+json' : 'application/json; charset=utf-8')
  if (!schema) return { status, type, headers, body: null }
  if (body instanceof Readable) return { status, type, headers, body }
  const result = schema.safeParse(body)
  if (!result.success) throw new Error(`the reply of ${row.operationId} does not fit its row`, { cause: result.error })
  return { status, type, headers, body: JSON.stringify(result.data) }
}

const send = (ctx: Ctx, { status, type, headers, body }: Rendered): void => {
  ctx.status = status
  for (const [name, value] of Object.entries(headers)) ctx.res.setHeader(name, value)
  if (body === null) {
    ctx.body = null
    ctx.status = status
    return
  }
  ctx.res.setHeader('Content-Type', type)
  ctx.body = body
}

/** The path under the row's first spelling: a request is the same by whichever one it came. */
const firstSpelling = (row: Endpoint, ctx: Ctx): string => {
  const path = ctx.newRouterPath ?? ctx.path
  const matched = String(ctx['_matchedRoute'])
  if (row.aliases === undefined || matched === templateOf(row)) return path
  const given = path.split('/')
  const values = new Map(matched.split('/').map((part, index) => [part, given[index] ?? '']))
  return templateOf(row)
    .split('/')
    .map((part) => (part.startsWith(':') ? (values.get(part) ?? '') : part))
    .join('/')
}

interface OnceCall {
  ctx: Ctx
  principal: Principal
  key: string
  raw: Buffer
}

const once = async (
  parts: BindParts,
  row: Endpoint,
  { ctx, principal, key, raw }: OnceCall,
  work: () => Promise<Kept>,
): Promise<void> => {
  const path = `${firstSpelling(row, ctx)}?${ctx.querystring}`
  const { version } = ctx.state
  const begun = await parts.idempotency.begin({
    principal,
    key,
    method: row.method,
    template: row.path,
    path,
    version,
    raw,
  })
  if ('replay' in begun) {
    ctx.res.setHeader('Idempotency-Replayed', 'true')
    send(ctx, begun.replay)
    return
  }
  const kept = await work().catch((error: unknown) => {
    if (isProblem(error) && isFinal(error)) begun.finish(asKept(parts, ctx, error))
    else if (toProblem(error, true).code !== 'outcome-unknown') begun.release()
    throw error
  })
  begun.finish(kept)
  send(ctx, kept)
}

/** A refusal kept for a replay tells of the request it was first given to. */
const asKept = (parts: BindParts, ctx: Ctx, error: unknown): Kept => {
  const { status, headers, body } = problemReply(toProblem(error, true), {
    publicUrl: parts.publicUrl(),
    requestId: ctx.state.requestId,
  })
  return { status, type: 'application/problem+json', headers, body: JSON.stringify(body) }
}
