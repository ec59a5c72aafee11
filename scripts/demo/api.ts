// The demo's way to the API: an ordinary client that waits while the API is away.
import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

export interface DemoApi {
  get(path: string): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
  /** Sends a file as it is. */
  upload(path: string, file: string): Promise<unknown>
}

/** The API said no, and would say so again. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

const PATIENCE_MAX_MS = 5_000

interface Parcel {
  once: string
  type: string | undefined
  body: BodyInit | undefined
}

/** Whether asking again may be answered otherwise. A 409 says so where the first try of the same call still runs. */
const isPassing = ({ status, headers }: Response): boolean =>
  status === 429 || status >= 500 || (status === 409 && headers.has('retry-after'))

/** Calls wait for an API that is away, starts again or asks for patience; only the signal and a refusal end them. */
export const demoApi = (url: string, key: string, signal: AbortSignal): DemoApi => {
  const send = async (
    method: string,
    path: string,
    type?: string,
    body?: () => Promise<BodyInit>,
  ): Promise<unknown> => {
    // The same for every try of one call: an answer that got lost makes no second job.
    const once = randomUUID()
    for (let patience = 250; ; patience = Math.min(patience * 2, PATIENCE_MAX_MS)) {
      const answer = await attempt(method, path, { once, type, body: await body?.() })
      if (answer !== undefined) return answer.value
      await wait(patience, undefined, { signal })
    }
  }
  const attempt = async (method: string, path: string, { once, type, body }: Parcel) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(type === undefined ? {} : { 'content-type': type, 'idempotency-key': once }),
    }
    const response = await fetch(`${url}/api/v2${path}`, {
      method,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => {
      if (signal.aborted) throw error
      return undefined
    })
    if (response === undefined || isPassing(response)) {
      await response?.body?.cancel()
      return undefined
    }
    const text = await response.text()
    if (!response.ok) throw new Refused(`${method} ${path} was answered by ${response.status}: ${text.slice(0, 500)}`)
    return { value: text === '' ? undefined : (JSON.parse(text) as unknown) }
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, 'application/json', async () => JSON.stringify(body)),
    upload: (path, file) => send('POST', path, 'application/json', () => openAsBlob(file)),
  }
}
