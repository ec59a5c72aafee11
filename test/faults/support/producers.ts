// Producers: ask for jobs at a steady pace through the API and keep to the contract when it cannot say yes.
import type { Ack } from './evidence.ts'
import type { AckLedger } from './ledger.ts'
import type { ApiClient, Answer } from './api-client.ts'
import { rest } from './until.ts'

export interface Wanted {
  name: string
  data: Record<string, unknown>
  options?: Record<string, unknown>
}

export interface ProducersOptions {
  api: ApiClient
  ledger: AckLedger
  /** What comes before the number in a job's own name. */
  prefix: string
  count?: number
  /** Requests a producer has open at once, at most. */
  inFlight?: number
  /** Jobs all of them ask for in a second, at most. */
  perSecond?: number
  job: (key: string, n: number) => Wanted
  /** Whether somebody new asks five times a second beside them; true unless given. */
  newcomers?: boolean
  /** How long a job is asked for again before it is given up, in ms. */
  patienceMs?: number
}

/** A request and what became of it, for figures. */
export interface Tried {
  at: number
  status: number
  code: string | undefined
  ms: number
  retryAfter: string | null
}

export interface Producers {
  readonly tried: readonly Tried[]
  readonly acks: readonly Ack[]
  /** No new jobs are asked for; resolves when every open one was settled. */
  stop(): Promise<void>
}

export const startProducers = (options: ProducersOptions): Producers => {
  const { api, ledger, prefix, count = 2, inFlight = 5, perSecond = 60, patienceMs = 30_000 } = options
  const tried: Tried[] = []
  const acks: Ack[] = []
  let stopping = false
  let next = 0
  const pace = createPace(perSecond)

  const settle = async (ack: Ack): Promise<void> => {
    acks.push(ack)
    await ledger.write(ack)
  }
  const ask = async (key: string, wanted: Wanted): Promise<Answer> => {
    const answer = await api.call('POST', '/api/v2/jobs', wanted, { 'idempotency-key': key })
    const { status, ms, headers, body } = answer
    const code = typeof body['code'] === 'string' ? body['code'] : undefined
    tried.push({ at: Date.now(), status, code, ms, retryAfter: headers.get('retry-after') })
    return answer
  }
  /** Asks until somebody says yes, with the same key each time, as the contract tells clients to. */
  const produce = async (key: string, wanted: Wanted): Promise<void> => {
    const deadline = Date.now() + patienceMs
    let unsure = false
    for (;;) {
      const { status, body, headers } = await ask(key, wanted)
      const at = Date.now()
      if (status === 200 || status === 201) return settle({ key, told: 'accepted', id: jobIdOf(body), at })
      const isRefusal = status === 503 && body['code'] !== 'outcome-unknown'
      // "The first request with this key is still running" says no more than that request will.
      unsure ||= !isRefusal && status !== 409
      if (at > deadline || (status >= 400 && status < 500 && status !== 409))
        return settle({ key, told: unsure ? 'unknown' : 'refused', at })
      // As often as the answer says, give or take, so that not all come back at once.
      await rest((Number(headers.get('retry-after')) || 1) * 1_000 * (0.25 + Math.random() * 0.5))
    }
  }
  const lane = async (): Promise<void> => {
    while (!stopping) {
      await pace()
      if (stopping) return
      const n = next++
      const key = `${prefix}-${n}`
      await produce(key, options.job(key, n))
    }
  }
  /** Somebody new asks five times a second, however many wait for an answer: what a client meets who comes just then. */
  const newcomers = async (): Promise<void> => {
    const open = new Set<Promise<void>>()
    while (!stopping) {
      await rest(200)
      const n = next++
      const key = `${prefix}-${n}`
      const one = produce(key, options.job(key, n)).finally(() => open.delete(one))
      open.add(one)
    }
    await Promise.all(open)
  }
  const lanes = [
    ...Array.from({ length: count * inFlight }, lane),
    ...(options.newcomers === false ? [] : [newcomers()]),
  ]
  return {
    tried,
    acks,
    async stop() {
      stopping = true
      await Promise.all(lanes)
    },
  }
}

/** The part of an address that is BullMQ's id. */
const jobIdOf = (body: Record<string, unknown>): string => {
  const address = String(body['id'])
  return address.slice(address.indexOf(':') + 1)
}

/** Lets one through at a time, so many a second; time that was missed is not made up for. */
const createPace = (perSecond: number) => {
  const gapMs = 1_000 / perSecond
  let due = performance.now()
  return async (): Promise<void> => {
    due = Math.max(due + gapMs, performance.now())
    await rest(Math.max(0, due - performance.now()))
  }
}
