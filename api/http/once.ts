// A request with an Idempotency-Key: carried out once, and answered again as it was the first time.
import type { Principal } from '../../shared/auth/contract.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import { isFinal } from './idempotency.ts'
import type { Idempotency, Kept } from './idempotency.ts'
import { templateOf } from './prepare.ts'
import { problemReply, toProblem } from './problems.ts'
import { send } from './render.ts'
import type { Ctx } from './state.ts'

export interface OnceParts {
  idempotency: Idempotency
  publicUrl: () => string
}

interface OnceCall {
  ctx: Ctx
  principal: Principal
  key: string
  raw: Buffer
}

/** Carries a request out, unless it was; then it is answered as before. */
export const once = async (
  parts: OnceParts,
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
    secret: row.secretReply === true,
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
const asKept = (parts: OnceParts, ctx: Ctx, error: unknown): Kept => {
  const { status, headers, body } = problemReply(toProblem(error, true), {
    publicUrl: parts.publicUrl(),
    requestId: ctx.state.requestId,
  })
  return { status, type: 'application/problem+json', headers, body: JSON.stringify(body) }
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
