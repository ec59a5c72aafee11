// The first step: which kind of job is this, is its payload one of that kind, and what is it held to.
import type { z } from 'zod'
import type { AnyHandlers, Handler } from '../catalog/handler.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import { RetryPolicy } from '../retries/words.ts'
import type { Assignment, Attempt } from './attempt.ts'
import { Unworkable } from './ending.ts'
import { attemptsOf, policyOf, timeoutOf } from './terms.ts'

/** Without a kind there is no policy to fall back on; one attempt it is. */
const unknownKind = { retry: RetryPolicy.parse({ attempts: 1 }), timeoutMs: 60_000 }

/** Makes an attempt of a job. One that cannot be performed has its outcome already. */
export const begin =
  (catalog: Catalog, handlers: AnyHandlers) =>
  (job: Assignment): Attempt => {
    const kind = catalog[job.name]
    const handler = kind === undefined ? undefined : handlers[job.name]
    const known = kind ?? unknownKind
    const terms = {
      job,
      number: job.attemptsMade + 1,
      maxAttempts: attemptsOf(job.opts, known),
      policy: () => policyOf(job.opts, known),
      timeoutMs: timeoutOf(job.opts, known),
    }
    if (kind === undefined || handler === undefined) return failed(terms, nobodyFor(job, catalog))
    return withPayload(terms, kind, handler)
  }

const withPayload = (terms: Omit<Attempt, 'work'>, kind: AnyKind, handler: Handler<AnyKind>): Attempt => {
  const parsed = (kind.payload as z.ZodType).safeParse(terms.job.data)
  if (parsed.success) return { ...terms, work: { kind, handler, payload: parsed.data } }
  return failed(
    terms,
    new Unworkable('PayloadInvalid', `the payload is not one of ${kind.name}: ${sayIssues(parsed.error)}`),
  )
}

const failed = (terms: Omit<Attempt, 'work'>, error: Unworkable): Attempt => ({
  ...terms,
  outcome: { is: 'failed', error },
})

const nobodyFor = (job: Assignment, catalog: Catalog): Unworkable =>
  new Unworkable(
    'HandlerMissing',
    `no handler is called ${JSON.stringify(job.name)}; this version of the workers has: ${Object.keys(catalog).join(', ')}`,
  )

/** The first mistakes of a schema, as one line that names the members. */
export const sayIssues = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length === 0 ? 'it' : issue.path.join('.')}: ${issue.message}`)
    .join('; ')
