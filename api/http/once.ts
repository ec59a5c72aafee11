// A request with an Idempotency-Key: carried out once, and answered again as it was the first time.
import { inWords } from '../../shared/bullmq/receipt.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import type { Bound } from './audited.ts'
import type { Call } from './call.ts'
import { Carrier } from './carrier.ts'
import { isFinal, Replay } from './idempotency.ts'
import type { Claim, Idempotency, Kept } from './idempotency.ts'
import { templateOf } from './prepare.ts'
import { problemReply, toProblem } from './problems.ts'
import { render, send, whole } from './render.ts'
import type { Ctx } from './state.ts'

export interface OnceParts {
  idempotency: Idempotency
  publicUrl: () => string
}

interface OnceCall {
  ctx: Ctx
  call: Call
  key: string
  raw: Buffer
}

/** Carries a request out, unless it was; then it is answered as before. */
export const once = async (
  parts: OnceParts,
  { row, prepared, retell }: Bound,
  { ctx, call, key, raw }: OnceCall,
  work: () => Promise<Kept>,
): Promise<void> => {
  const claim = parts.idempotency.claim({
    principal: call.principal,
    key,
    method: row.method,
    template: row.path,
    path: `${firstSpelling(row, ctx)}?${ctx.querystring}`,
    version: ctx.state.version,
    raw,
    secret: row.secretReply === true,
    tellAgain:
      retell && ((facts) => inWords(retell(call, facts), (answer) => whole(render(row, prepared, answer, ctx)))),
  })
  try {
    if (retell) call.claim = new Carrier(claim, (answer) => whole(render(row, prepared, answer, ctx)))
    else await claim.take()
    const kept = await work().catch((error: unknown) => settle(claim, error, () => asKept(parts, ctx, error)))
    claim.finish(kept)
    send(ctx, kept)
  } catch (error) {
    if (!(error instanceof Replay)) throw error
    ctx.res.setHeader('Idempotency-Replayed', 'true')
    send(ctx, error.kept)
  }
}

/** A refusal that is final is kept, and one after which nothing was done lets the key go. */
const settle = async (claim: Claim, error: unknown, reply: () => Kept): Promise<never> => {
  if (error instanceof Replay) throw error
  // Refused on the way to its work: what was told before goes before that, if Redis can be asked.
  if (claim.state === 'open') {
    if (toProblem(error, true).status === 503) throw error
    await claim.take()
  }
  if (claim.state !== 'held') throw error
  if (isProblem(error) && isFinal(error)) claim.finish(reply())
  else if (toProblem(error, true).code !== 'outcome-unknown') claim.release()
  throw error
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
