// A new job that is like one there is: the same name, payload and options, and a life of its own.
import type { Principal } from '../auth/contract.ts'
import type { RawJob } from '../bullmq/bullmq.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import { formatAddress, hashId, uuidv7 } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { CloneRequest, Job } from './contract.ts'
import { PRIORITIES } from './contract.ts'
import { JobMissing, UnknownJobName } from './problems.ts'
import { fullness } from './full.ts'
import { showChanged } from './steer.ts'
import type { Steering } from './steer.ts'

/** Of any job that is still stored, whatever became of it. One key makes one clone. */
export const cloneJob = async (
  steering: Steering,
  principal: Principal,
  address: Address,
  { priority: asked, delay_ms: delay }: CloneRequest,
  idempotencyKey?: string,
): Promise<Job> => {
  const { kernel, bull, catalog } = steering
  const [job] = await guardRedis(bull.readRaw([address]), 'read')
  if (!job) throw JobMissing(`There is no job ${formatAddress(address)} any more; only its record may be left.`)
  if (findKind(job.name, catalog)?.isOurs)
    throw UnknownJobName(`k1n itself adds what is called ${job.name}; it cannot be cloned.`)
  const timestamp = kernel.clock.now()
  const priority = typeof asked === 'string' ? PRIORITIES[asked] : (asked ?? job.priority)
  const id =
    idempotencyKey === undefined
      ? `t_${uuidv7(timestamp)}`
      : `t_i-${hashId(32, principal.id, formatAddress(address), idempotencyKey, 'clone')}`
  const opts = optionsOf(job, principal, { priority, delay })
  const to = { queue: address.queue, id }
  const data = job.data ?? '{}'
  const made = { ...to, name: job.name, data, opts, timestamp, delay, priority, lifo: false }
  const mostWaiting = kernel.settings.K1N_QUEUE_DEPTH
  if ((await guardRedis(bull.add({ ...made, mostWaiting }))) === 'full')
    throw await fullness(kernel, bull, address.queue)
  return showChanged(steering, principal, to)
}

/** What made the other one that very one is left out: its id, its time, its parent, its schedule and its twins. */
const optionsOf = (
  { opts }: RawJob,
  { id: by }: Principal,
  { priority, delay }: { priority: number; delay: number },
): Record<string, unknown> => {
  const {
    delay: _delay,
    priority: _priority,
    jobId: _jobId,
    timestamp: _timestamp,
    parent: _parent,
    repeat: _repeat,
    de: _dedup,
    ...rest
  } = opts
  // What belongs to the life of the other: by when it had to start, whose trace it was in, what set it off.
  const { expires_at: _expires, trace: _trace, hop: _hop, via: _via, ...extras } = asRecord(opts['k1n'])
  return {
    ...rest,
    ...(delay > 0 ? { delay } : {}),
    ...(priority > 0 ? { priority } : {}),
    k1n: { ...extras, by },
  }
}
