// The typed client: contract rows become functions. It carries types only, no schema is needed at run time.
import type { Call, Contract, Endpoint, Result } from './endpoint.ts'

/** The part of a row a client needs at run time. */
export type Route = Pick<Endpoint, 'method' | 'path' | 'at'>
export type Routes<C extends Contract> = { readonly [Room in keyof C]: { readonly [Row in keyof C[Room]]: Route } }

/** A refused call: the RFC 9457 document and the status that came with it. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly problem: Record<string, unknown>
  readonly headers: Headers

  constructor(status: number, problem: Record<string, unknown>, headers: Headers) {
    super(typeof problem['detail'] === 'string' ? problem['detail'] : `the server answered ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.code = typeof problem['code'] === 'string' ? problem['code'] : 'unknown'
    this.problem = problem
    this.headers = headers
  }
}

export type Client<C extends Contract> = {
  readonly [Room in keyof C]: {
    readonly [Row in keyof C[Room]]: (
      ...call: object extends Call<C[Room][Row]> ? [call?: Call<C[Room][Row]>] : [call: Call<C[Room][Row]>]
    ) => Promise<Result<C[Room][Row]>>
  }
}

export interface ClientOptions {
  /** Origin without trailing slash; empty for same-origin calls from a page. */
  origin: string
  /** Headers sent with every call, asked for anew each time. */
  headers?: () => Record<string, string>
  fetch?: typeof fetch
}

const queryText = (query: Record<string, unknown> | undefined): string => {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item !== undefined && item !== null)
        parts.append(name, typeof item === 'string' ? item : JSON.stringify(item))
    }
  }
  const text = parts.toString()
  return text === '' ? '' : `?${text}`
}

/** The URL of a row with its parameters filled in. */
export const urlOf = (route: Route, call: { params?: unknown; query?: unknown } = {}): string => {
  const params = (call.params ?? {}) as Record<string, string>
  const path = route.path.replace(/:([a-z_]+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''))
  return (route.at === 'root' ? '' : '/api/v2') + path + queryText(call.query as Record<string, unknown> | undefined)
}

interface AnyCall {
  params?: unknown
  query?: unknown
  body?: unknown
  headers?: Record<string, string>
  idempotencyKey?: string
  signal?: AbortSignal
}

const send = async (options: ClientOptions, route: Route, call: AnyCall): Promise<unknown> => {
  const response = await (options.fetch ?? fetch)(options.origin + urlOf(route, call), {
    method: route.method,
    headers: {
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
      ...options.headers?.(),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal ? { signal: call.signal } : {}),
  })
  // A browser makes a text of megabytes sooner from all bytes at once than part by part, as `text()` does.
  const text = new TextDecoder().decode(await response.arrayBuffer())
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  if (!response.ok) throw new ApiError(response.status, (body ?? {}) as Record<string, unknown>, response.headers)
  return body
}

const eachOf = <From, To>(all: Record<string, From>, to: (one: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one)]))

/** The same for every row of every room. */
export const eachRow = <From, To>(
  rooms: Record<string, Record<string, From>>,
  to: (row: From) => To,
): Record<string, Record<string, To>> => eachOf(rooms, (rows) => eachOf(rows, to))

/** Makes the client of a contract. Each call throws `ApiError` for every answer that is not 2xx. */
export const createClient = <C extends Contract>(routes: Routes<C>, options: ClientOptions): Client<C> =>
  eachRow(
    routes as Record<string, Record<string, Route>>,
    (route) =>
      (call: AnyCall = {}) =>
        send(options, route, call),
  ) as Client<C>
