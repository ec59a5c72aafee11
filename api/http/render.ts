// From what a verb answers to what is sent: checked against the row unless it is JSON already, as text, bytes or a stream.
import { Readable } from 'node:stream'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { Json } from '../../shared/kernel/json.ts'
import type { Caller } from './call.ts'
import type { Kept } from './idempotency.ts'
import type { Prepared } from './prepare.ts'
import type { Ctx } from './state.ts'

/** What a handler answers. */
export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** A handler of any row. */
export type AnyHandler = (call: Record<string, unknown> & Caller) => Promise<Answer>

/** A rendered reply: a whole text, one that is bytes already, or a stream that goes on. */
export type Rendered = Omit<Kept, 'body'> & { body: Kept['body'] | Buffer | Readable }

/** Only whole replies can be kept for a replay. */
export const whole = ({ body, ...rest }: Rendered): Kept => {
  if (typeof body === 'object' && body !== null)
    throw new Error(
      'a stream, or a reply that is bytes, cannot be kept for a replay: its row must not take an Idempotency-Key',
    )
  return { ...rest, body }
}

/** Calls the verb and renders what it says. */
export const perform = async (
  row: Endpoint,
  prepared: Prepared,
  handler: AnyHandler,
  call: Parameters<AnyHandler>[0],
  ctx: Ctx,
): Promise<Rendered> => {
  const answer = await handler(call)
  return call.claim?.rendered(answer.body) ?? render(row, prepared, answer, ctx)
}

/** What the row does not know is filtered out and cannot leak; who answers JSON vouches for that. */
export const render = (
  row: Endpoint,
  { replies }: Prepared,
  { status, body, headers = {} }: Answer,
  ctx: Ctx,
): Rendered => {
  if (!replies.has(status)) throw new Error(`${row.operationId} answered ${status}, which its row does not declare`)
  const schema = replies.get(status)
  const type = row.replyType ?? (ctx.state.vendor ? 'application/vnd.k1n.v2+json' : 'application/json; charset=utf-8')
  if (!schema) return { status, type, headers, body: null }
  if (body instanceof Readable) return { status, type, headers, body }
  if (body instanceof Json) return { status, type, headers, body: body.bytes }
  const result = schema.safeParse(body)
  if (!result.success) throw new Error(`the reply of ${row.operationId} does not fit its row`, { cause: result.error })
  return { status, type, headers, body: JSON.stringify(result.data) }
}

export const send = (ctx: Ctx, { status, type, headers, body }: Rendered): void => {
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
