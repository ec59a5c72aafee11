// A client of the API that keeps count of every answer it gets.
import { Agent } from 'undici'
import { fetch } from 'undici'

export interface Answer {
  /** 0 when the connection broke before there was an answer. */
  status: number
  headers: Headers
  body: Record<string, unknown>
  /** The time the answer took, in ms. */
  ms: number
}

export interface ApiClient {
  readonly url: string
  /** Where the API is from now on, after it was started again. */
  moved(url: string): void
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** How often each status was answered. */
  readonly statuses: Map<number, number>
  close(): Promise<void>
}

/** Clients that are given the same `statuses` count together. */
export const createApiClient = (url: string, key: string, statuses = new Map<number, number>()): ApiClient => {
  const agent = new Agent({ connections: 64, pipelining: 1, bodyTimeout: 30_000, headersTimeout: 30_000 })
  let base = url
  const ask = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Omit<Answer, 'ms'>> => {
    try {
      const response = await fetch(base + path, {
        method,
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers as unknown as Headers, body: parse(text) }
    } catch {
      return { status: 0, headers: new Headers(), body: {} }
    }
  }
  return {
    get url() {
      return base
    },
    moved: (to) => void (base = to),
    statuses,
    async call(method, path, body, headers = {}) {
      const began = performance.now()
      const answer = await ask(method, path, body, headers)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      return { ...answer, ms: performance.now() - began }
    },
    close: () => agent.destroy(),
  }
}

const parse = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { text }
  }
}
