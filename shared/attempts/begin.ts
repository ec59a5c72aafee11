// The first step: which kind of job is this, is its payload one of that kind, and what is it held to.
import type { z } from 'zod'
import type { AnyHandlers } from '../catalog/handler.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import { RetryPolicy } from '../retries/words.ts'
import type { Assignment, Attempt } from './attempt.ts'
import { Unworkable } from './ending.ts'
import { attemptsOf, graceOf, policyOf, timeoutOf } from './terms.ts'

/** Without a kind there is no policy to fall back on; one attempt it is. */
const unknownKind = { retry: parseOnce(RetryPolicy, { attempts: 1 }), timeoutMs: 60_000, graceMs: 0 }

/** Makes an attempt of a job. One that cannot be performed has its outcome already. */
export const begin =
  (catalog: Catalog, handlers: AnyHandlers) =>
  (job: Assignment): Attempt => {
    const kind = catalog[job.name]
    const handler = kind === undefined ? undefined : handlers[job.name]
    if (kind === undefined || handler === undefined) return failed(job, kind, nobodyFor(job, catalog))
    const parsed = (kind.payload as z.ZodType).safeParse(job.data)
    if (!parsed.success) return failed(job, kind, notOf(kind, parsed.error))
    return { ...termsOf(job, kind), work: { kind, handler, payload: parsed.data } }
  }

const termsOf = (job: Assignment, held: Pick<AnyKind, 'retry' | 'timeoutMs' | 'graceMs'>): Omit<Attempt, 'work'> => ({
  job,
  number: job.attemptsMade + 1,
  maxAttempts: attemptsOf(job.opts, held),
  policy: () => policyOf(job.opts, held),
  timeoutMs: timeoutOf(job.opts, held),
  graceMs: graceOf(job.opts, held),
})

const failed = (job: Assignment, kind: AnyKind | undefined, error: Unworkable): Attempt => ({
  ...termsOf(job, kind ?? unknownKind),
  outcome: { is: 'failed', error },
})

const notOf = (kind: AnyKind, error: z.ZodError): Unworkable =>
  new Unworkable('PayloadInvalid', `the payload is not one of ${kind.name}: ${sayIssues(error)}`)

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
