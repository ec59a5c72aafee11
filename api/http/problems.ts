// Turns whatever was thrown into a problem, and a problem into an RFC 9457 reply that tells nothing it should not.
import type { ZodError } from 'zod'
import { redact } from '../../shared/kernel/log.ts'
import { ERRORS_MAX, fieldErrors, mistakesOf, wellFormed } from '../../shared/kernel/mistakes.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import type { FieldError, Problem } from '../../shared/kernel/problem.ts'
import { Internal, InvalidParameter, ValidationFailed } from '../../shared/kernel/problems.ts'
import { redisProblem } from '../../shared/kernel/redis-errors.ts'

const sentence = (count: number, thing: string): string =>
  count === 1 ? `1 ${thing} is not valid.` : `${count} ${thing}s are not valid.`

/** The 422 of a body that does not fit its schema. */
export const invalidBody = (error: ZodError, at: readonly PropertyKey[] = []): Problem =>
  ValidationFailed(sentence(error.issues.length, 'field'), { errors: fieldErrors(error, at) })

/** The 400 of a path or query that does not fit its schema. */
export const invalidParameters = (error: ZodError, where: 'query' | 'path'): Problem => {
  const errors = mistakesOf(error).map(({ path, code, detail }): FieldError => ({
    parameter: wellFormed(String(path[0] ?? '')),
    in: where,
    code,
    detail: wellFormed(detail),
  }))
  return InvalidParameter(sentence(error.issues.length, 'parameter'), { errors: errors.slice(0, ERRORS_MAX) })
}

/** Any thrown value as a problem. `changes` says whether the request could have changed something. */
export const toProblem = (error: unknown, changes: boolean): Problem => {
  if (isProblem(error)) return error
  const causes = error instanceof AggregateError ? [error, ...(error.errors as unknown[])] : [error]
  for (const cause of causes) {
    const named = redisProblem(cause, changes ? 'write' : 'read')
    if (isProblem(named)) return named
  }
  return Internal('Something went wrong here. The request id leads to the cause in the log.', { cause: error })
}

export interface ProblemReply {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
}

const authenticate: Record<number, (problem: Problem) => string> = {
  401: (problem) => `Bearer realm="k1n"${problem.code === 'unauthenticated' ? '' : ', error="invalid_token"'}`,
  403: (problem) => `Bearer error="insufficient_scope", scope="${problem.extras.members?.['needed'] as string}"`,
}

const challenge = (problem: Problem): Record<string, string> =>
  problem.status === 401 || problem.code === 'insufficient-scope'
    ? { 'WWW-Authenticate': authenticate[problem.status]?.(problem) ?? 'Bearer realm="k1n"' }
    : {}

const retryAfter = (ms: number | undefined): Record<string, string> =>
  ms === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1_000))) }

/** Status, headers and document of a problem. The document of a 500 is the same for every cause. */
export const problemReply = (
  problem: Problem,
  at: { publicUrl: string; requestId: string; traceId?: string },
): ProblemReply => {
  const { errors, members, retryAfterMs, headers } = problem.extras
  const body = {
    type: `${at.publicUrl}/problems/${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: redact(problem.message).toWellFormed(),
    instance: `/requests/${at.requestId}`,
    code: problem.code,
    request_id: at.requestId,
    ...(at.traceId === undefined ? {} : { trace_id: at.traceId }),
    ...(retryAfterMs === undefined ? {} : { retry_after_s: Math.max(1, Math.ceil(retryAfterMs / 1_000)) }),
    ...(errors === undefined || errors.length === 0 ? {} : { errors: errors.slice(0, ERRORS_MAX) }),
    ...members,
  }
  return { status: problem.status, headers: { ...challenge(problem), ...retryAfter(retryAfterMs), ...headers }, body }
}
