// Retries of one job: every attempt it had, when it is tried next, and trying it now.
import { z } from 'zod'
import { markJob } from '../attempts/mark.ts'
import { policyOf } from '../attempts/terms.ts'
import type { History } from '../attempts/history.ts'
import type { Principal } from '../auth/contract.ts'
import { letsThrough } from '../breakers/policy.ts'
import type { BreakerState } from '../breakers/words.ts'
import type { Bull, RawJob, StatedJob } from '../bullmq/bullmq.ts'
import { FIELDS_OF_RETRIES, asRecord, parseJson } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { dlqId } from '../dlq/id.ts'
import { errorOf } from '../jobs/error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { stateOf } from '../jobs/state.ts'
import { serviceOf } from '../jobs/service.ts'
import { JobMissing } from '../jobs/problems.ts'
import { Instant } from '../jobs/words.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import { readHeld } from '../services/held.ts'
import { CircuitOpen } from './contract.ts'
import type { RetryAccepted, RetryRequest, RetryState } from './contract.ts'
import { RetryPolicy } from './words.ts'

export interface Retries {
  /** Problem: `task-not-found`. */
  show(address: Address): Promise<z.output<typeof RetryState>>
  /** Problems: `task-not-found`, `job-not-in-state`, `job-locked`, `circuit-open`. */
  retry(
    principal: Principal,
    address: Address,
    request: z.output<typeof RetryRequest>,
  ): Promise<z.output<typeof RetryAccepted>>
}

/** The breaker of a service, as far as retries need to know it. */
export interface Circuit {
  readonly state: BreakerState
  /** When asking again makes sense, of one that lets nobody in. */
  readonly retryAfterMs?: number | undefined
}

type NamedCircuit = Circuit & { readonly service: string }

export interface RetriesNeeds {
  bull: Bull
  catalog: Catalog
  history: History
  jobs: Pick<Jobs, 'retry'>
  /** The breaker of a service; undefined where it has none. */
  circuitOf?: (service: string) => Promise<Circuit | undefined>
}

const HISTORY_MAX = 50
/** What BullMQ does for a job of another service that names no backoff: it tries again at once. */
const atOnce = {
  retry: parseOnce(RetryPolicy, { backoff: { type: 'fixed', delay_ms: 0, jitter: 'none' } }),
  timeoutMs: 0,
}
const Asked = z.object({ by: z.string(), at: Instant, reason: z.string().nullable() })

export const createRetries = (kernel: Kernel, needs: RetriesNeeds): Retries => {
  const { bull, catalog, history, jobs, circuitOf = async () => undefined } = needs
  const read = async (address: Address): Promise<StatedJob> => {
    const [stated] = await bull.readStated([address], FIELDS_OF_RETRIES)
    if (!stated) throw JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
    return stated
  }
  const circuitFor = async (job: RawJob): Promise<NamedCircuit | undefined> => {
    const service = serviceOf(job, findKind(job.name, catalog))
    const circuit = service === undefined ? undefined : await circuitOf(service)
    return service === undefined || !circuit ? undefined : { service, ...circuit }
  }
  const show = async (address: Address): Promise<z.output<typeof RetryState>> => {
    const [stated, attempts, held] = await Promise.all([
      read(address),
      history.list(address),
      readHeld(kernel, [address.queue]),
    ])
    const { job, score } = stated
    const state = stateOf(stated, held.get(address.queue))
    const kind = findKind(job.name, catalog)
    const policy = policyOf(job.opts, kind ?? atOnce)
    const error = state === 'completed' ? undefined : errorOf(job)
    const circuit = await circuitFor(job)
    const trace_id = traceOf(job)
    return {
      task_id: formatAddress(address),
      queue: address.queue,
      name: job.name,
      state,
      attempts_made: job.attemptsMade,
      attempts_max: kind ? policy.attempts : job.attemptsMax,
      strategy: policy.backoff,
      next_retry_at: stated.state === 'delayed' && job.attemptsMade > 0 && score !== undefined ? toIso(score) : null,
      error_class: error?.class ?? null,
      last_error: error ?? null,
      history: attempts.slice(-HISTORY_MAX).map((attempt) => ({ ...attempt, trace_id })),
      ...(circuit ? { circuit: { service: circuit.service, state: circuit.state } } : {}),
      asked: Asked.safeParse(parseJson(job.asked)).data ?? null,
      ...(state === 'failed' ? { dlq_id: dlqId(address, job.finishedOn ?? score ?? 0) } : {}),
    }
  }
  /** The breaker of the job's service, where that would park the job again. */
  const troubleOf = async (job: RawJob): Promise<NamedCircuit | undefined> => {
    const circuit = await circuitFor(job)
    return circuit && !letsThrough(circuit.state) ? circuit : undefined
  }
  return {
    show: (address) => guardRedis(show(address), 'read'),
    async retry(principal, address, { force, reset_attempts, delay_ms, reason = null }) {
      const { job: before } = await guardRedis(read(address), 'read')
      const circuit = await troubleOf(before)
      if (circuit && circuit.state !== 'half_open' && !force) throw refusal(circuit)
      const hash = bull.keys(address.queue).job(address.id)
      const terms = { resetAttempts: reset_attempts, delayMs: delay_ms, forced: force }
      const job = await jobs.retry(principal, address, terms)
      const asked: z.output<typeof Asked> = { by: principal.name, at: toIso(kernel.clock.now()), reason }
      await guardRedis(markJob(kernel, hash, { k1nAsked: JSON.stringify(asked) }))
      return {
        task_id: job.id,
        queue: job.queue,
        state: job.state,
        // Not by the job as it is answered: a worker may have made this attempt by then.
        attempt: reset_attempts ? 1 : before.attemptsMade + 1,
        scheduled_for: job.run_at ?? toIso(kernel.clock.now()),
        ...(circuit ? { circuit: { service: circuit.service, state: circuit.state } } : {}),
      }
    },
  }
}

const refusal = ({ service, state, retryAfterMs }: NamedCircuit): Error =>
  CircuitOpen(`The circuit of ${service} is ${state.replace('_', ' ')}; it is not called now.`, {
    members: { service, state },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

const traceOf = ({ opts }: RawJob): string | null => {
  const trace = asRecord(opts['k1n'])['trace']
  return typeof trace === 'string' ? (trace.split('-')[1] ?? null) : null
}
