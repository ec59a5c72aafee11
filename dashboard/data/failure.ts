// What went wrong with a request, in words for people: what happened, what to do, and the id to ask about.
import { ApiError } from '../../shared/kernel/client.ts'

export interface Failure {
  kind: 'offline' | 'forbidden' | 'missing' | 'conflict' | 'invalid' | 'limited' | 'server'
  detail: string
  status?: number
  requestId?: string
  /** For what is limited: when asking again makes sense, as `performance.now()` tells it. */
  againAt?: number
  /** The scope that was missing, when that was it. */
  scope?: string
  /** What was wrong where in what was sent, for a form to tell it beside its fields. */
  mistakes?: readonly Mistake[]
}

export interface Mistake {
  pointer?: string
  parameter?: string
  detail: string
}

const kindOf = (status: number): Failure['kind'] => {
  if (status === 401 || status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'missing'
  if (status === 409 || status === 412) return 'conflict'
  if (status === 429) return 'limited'
  return status < 500 ? 'invalid' : 'server'
}

const scopeIn = (headers: Headers): string | undefined =>
  /scope="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1]

/** Seconds that a refusal for asking too much says to wait. */
const waitOf = ({ status, headers }: ApiError): number | undefined => {
  const seconds = Number(headers.get('retry-after') ?? NaN)
  return status === 429 && seconds > 0 ? seconds : undefined
}

const inWords = (seconds: number): string => (seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`)

const mistakesOf = (problem: Record<string, unknown>): Mistake[] =>
  Array.isArray(problem['errors']) ? (problem['errors'] as Mistake[]) : []

const fieldsOf = (mistakes: readonly Mistake[]): string =>
  mistakes.map(({ pointer, parameter, detail }) => `${pointer ?? parameter ?? ''} ${detail}`.trim()).join('; ')

const ofApi = (error: ApiError): Failure => {
  const requestId = error.problem['request_id'] ?? error.headers.get('x-request-id')
  const mistakes = mistakesOf(error.problem)
  const fields = fieldsOf(mistakes)
  const scope = scopeIn(error.headers)
  const wait = waitOf(error)
  const again = wait === undefined ? '' : `Try again in ${inWords(wait)}.`
  return {
    kind: kindOf(error.status),
    detail: [error.message, fields, again].filter((part) => part !== '').join(' '),
    status: error.status,
    ...(wait !== undefined && { againAt: performance.now() + wait * 1_000 }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(scope !== undefined && { scope }),
    ...(mistakes.length > 0 && { mistakes }),
  }
}

/** No answer came: the network, or the server, is away. */
export class Unreachable extends Error {}

/** Reads anything thrown by a call. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof ApiError) return ofApi(error)
  if (error instanceof SyntaxError)
    return { kind: 'server', detail: 'Something between here and k1n answered in its place.' }
  if (error instanceof Unreachable) return { kind: 'offline', detail: 'k1n did not answer. It is safe to try again.' }
  console.error(error)
  return { kind: 'server', detail: `The dashboard made a mistake: ${String(error)}` }
}

/** True for a call that was called off by us; nobody needs to hear of it. */
export const wasAborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

/** Whether asking for it again as a matter of routine would be refused again: by right, or for as long as was told. */
export const isStillRefused = ({ kind, againAt = 0 }: Failure): boolean =>
  kind === 'forbidden' || (kind === 'limited' && performance.now() < againAt)

/** One line for a toast. */
export const failureLine = (doing: string, failure: Failure): string => {
  const id = failure.requestId ? ` (${failure.requestId})` : ''
  const needs = failure.scope ? ` Needs ${failure.scope}.` : ''
  return `${doing} did not work: ${failure.detail}${needs}${id}`
}

/** What is wrong with single fields of the body, by their JSON pointers without the `#/`: `retry/delays_ms`. */
export const fieldsIn = ({ mistakes = [] }: Failure): Record<string, string> =>
  Object.fromEntries(
    mistakes.flatMap(({ pointer, detail }) => (pointer === undefined ? [] : [[pointer.replace(/^#\//, ''), detail]])),
  )
