// Named failures: what a room throws, what the API answers as RFC 9457 and what a worker judges by.

/** The eight kinds of failure. Each API status belongs to one kind; see `api/http/problems.ts`. */
export type ProblemKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'limited'
  | 'unavailable'
  | 'internal'

/** One thing wrong with the input: `pointer` (JSON pointer as URI fragment) for bodies, `parameter` + `in` for the rest. */
export interface FieldError {
  pointer?: string
  parameter?: string
  in?: 'query' | 'path' | 'header'
  code: string
  detail: string
}

export interface ProblemExtras {
  /** When asking again makes sense, in milliseconds; becomes `Retry-After`. */
  retryAfterMs?: number
  /** Field errors, at most 50 are told. */
  errors?: FieldError[]
  /** Further members of the problem document; names are snake_case. */
  members?: Record<string, unknown>
  /** Further response headers. */
  headers?: Record<string, string>
  /** Another status than the definition's, for the few codes that depend on where the mistake was made. */
  status?: number
  cause?: unknown
}

/** A thrown problem. `code` is stable and what clients switch on; `message` is a sentence for people. */
export class Problem extends Error {
  readonly code: string
  readonly kind: ProblemKind
  readonly status: number
  readonly title: string
  readonly extras: ProblemExtras

  constructor(definition: ProblemDefinition, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause })
    this.name = definition.code
    this.code = definition.code
    this.kind = definition.kind
    this.status = extras.status ?? definition.status
    this.title = definition.title
    this.extras = extras
  }
}

export interface ProblemDefinition {
  (detail: string, extras?: ProblemExtras): Problem
  readonly code: string
  readonly kind: ProblemKind
  readonly status: number
  readonly title: string
}

const statusOf: Record<ProblemKind, number> = {
  malformed: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
  internal: 500,
}

/** Every problem defined anywhere, by code; the documentation test and `/problems/<code>` read it. */
export const problemRegistry = new Map<string, ProblemDefinition>()

/** Names a failure: `throw JobMissing('no job t_1')`. `status` is only given where it differs from its kind's. */
export const problem = (
  code: string,
  kind: ProblemKind,
  title: string,
  status: number = statusOf[kind],
): ProblemDefinition => {
  const known = problemRegistry.get(code)
  if (known) return known
  const make = (detail: string, extras?: ProblemExtras): Problem => new Problem(definition, detail, extras)
  const definition: ProblemDefinition = Object.assign(make, { code, kind, status, title })
  problemRegistry.set(code, definition)
  return definition
}

export const isProblem = (value: unknown): value is Problem => value instanceof Problem
