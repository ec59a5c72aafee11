// What faults do with batches: jobs to be batched, operations on them, and sending one until it is answered.
import { BATCHED } from '../programs/catalog.ts'
import type { Answer } from '../support/api-client.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'

/** One operation of a batch as the API takes it. */
export type Op = Record<string, unknown> & { op: string }

const AT_ONCE = 500

/** Makes jobs of these keys and answers their addresses. */
const make = async (stage: Stage, keys: readonly string[], how: { fails_until: number; delay_ms: number }) => {
  const ids: string[] = []
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const jobs = keys.slice(from, from + AT_ONCE).map((key) => ({
      name: 'fault.batched',
      data: { key, takes_ms: 0, fails_until: how.fails_until },
      options: { delay_ms: how.delay_ms },
    }))
    const { status, body } = await stage.client.call('POST', '/api/v2/jobs/bulk', { jobs })
    if (status !== 201) throw new Error(`jobs were not made: ${status} ${JSON.stringify(body).slice(0, 300)}`)
    ids.push(...(body['results'] as { task_id: string }[]).map(({ task_id }) => task_id))
  }
  return ids
}

const keysOf = (kind: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${kind}-${n}`)

/** Jobs that failed at their first run and succeed at their second. */
export const makeDead = async (stage: Stage, count: number): Promise<string[]> => {
  const ids = await make(stage, keysOf('dead', count), { fails_until: 1, delay_ms: 0 })
  const { redis } = stage.census
  await until('all have failed', async () => (await redis.zcard(`bull:${BATCHED}:failed`)) === count, 60_000, 200)
  return ids
}

/** Jobs that wait for tomorrow. */
export const makeLate = (stage: Stage, count: number): Promise<string[]> =>
  make(stage, keysOf('late', count), { fails_until: 0, delay_ms: 86_400_000 })

export const retryOf = (task_id: string): Op => ({ op: 'retry', task_id })
export const promoteOf = (task_id: string): Op => ({ op: 'promote', task_id })
export const triggerOf = (n: number): Op => ({ op: 'trigger', event: 'proof.asked', data: { n } })

export interface Sent {
  ops: Op[]
  /** The Idempotency-Key it is sent under each time. */
  key: string
  later?: boolean
}

/** Sends a batch until it is answered with success, as the contract tells clients to: with the same key, when the answer says so. */
export const send = async (stage: Stage, { ops, key, later = false }: Sent): Promise<Answer> => {
  const headers = { 'idempotency-key': key, ...(later ? { prefer: 'respond-async' } : {}) }
  for (let tries = 0; tries < 30; tries++) {
    const answer = await stage.client.call('POST', '/api/v2/batch/operations', { operations: ops }, headers)
    if (answer.status === 200 || answer.status === 202) return answer
    const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 409
    if (isRefused) throw new Error(`a batch was refused: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)
    await rest((Number(answer.headers.get('retry-after')) || 0.3) * 1_000)
  }
  throw new Error(`batch ${key} was never answered`)
}

/** All results that an operation tells, page by page. */
export const resultsOf = async (stage: Stage, id: string): Promise<{ index: number; status: number }[]> => {
  const found: { index: number; status: number }[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = `limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`
    const { status, body } = await stage.client.call('GET', `/api/v2/operations/${id}/results?${query}`)
    if (status !== 200) throw new Error(`the results were not told: ${status}`)
    found.push(...(body['data'] as { result: { index: number; status: number } }[]).map(({ result }) => result))
    cursor = (body['page'] as { next_cursor: string | null }).next_cursor
  }
  return found
}
