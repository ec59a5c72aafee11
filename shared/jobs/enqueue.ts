// Accepting jobs: is the name known, does the payload fit, where does it go, and under which id. The hot path: a job
// without a dedup id costs one share of one script call and nothing else.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Added, Before, Bull, NewJob, RawJob, Receipt, StatedJob } from '../bullmq/bullmq.ts'
import { untouched } from '../bullmq/raw-job.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import { findKind, namesOf } from '../catalog/catalog.ts'
import { formatAddress, hashId, uuidv7 } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { FieldError } from '../kernel/problem.ts'
import { whyAdded } from '../explain/policy.ts'
import { fieldErrors } from '../kernel/mistakes.ts'
import { IdempotencyKeyReused, ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { expiryOf } from './expired.ts'
import type { Job, JobCreated, JobInput } from './contract.ts'
import { storedOptions } from './options.ts'
import { fullness } from './full.ts'
import { present } from './present.ts'
import { JobExists, UnknownJobName } from './problems.ts'
import { factsOf } from './told.ts'

/** Sends a job along with a receipt. */
export type Adding = (receipt: Receipt) => Promise<Added | Before>

/** A request's claim to its `Idempotency-Key` that is still open. Both throw where the key has been taken. */
export interface OpenClaim {
  take(): Promise<void>
  /** Adds a job together with the receipt of this answer, which is told again from `facts`; see `retell`. */
  carry(job: Job, facts: string, add: Adding): Promise<Added>
}

export interface EnqueueOptions {
  /** The request's `Idempotency-Key`: the job's id is made from it, so a repeated request makes no second job. */
  idempotencyKey?: string | undefined
  /** The claim to it, unless it was taken beforehand. */
  claim?: OpenClaim | undefined
  /** The item of a request for many jobs. The same key at another route is another request, so the only job of a request
   *  and the first of many have ids of their own. */
  index?: number
  traceparent?: string | undefined
  /** When it was asked for, in ms: now, unless it is told again. */
  at?: number
}

export interface Enqueued {
  job: z.output<typeof JobCreated>
  /** False when the job was there already: a repeated request, or one that a dedup id made one with it. */
  created: boolean
}

/** A job that passed every check and may be stored. */
export interface Ready {
  readonly job: NewJob
  readonly kind: AnyKind | undefined
  readonly dedup: NonNullable<JobInput['options']>['dedup']
  /** The client chose the id, so an existing one is a conflict; otherwise it is the same request again. */
  readonly given: boolean
  readonly data: Record<string, unknown>
}

/** Where the job is that was asked for: `made` now, `there` by an earlier request, or `merged` into one with its dedup id. */
export interface Stored extends Address {
  readonly as: 'made' | 'there' | 'merged'
  /** As its receipt has it. */
  readonly job?: Job | undefined
}

export interface Enqueuing {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
  /** Reads a job that exists already, for the answer. */
  show(principal: Principal, address: Address): Promise<Job>
}

/** Checks a job without storing anything. */
export const prepare = async (
  { kernel, bull, catalog }: Enqueuing,
  principal: Principal,
  input: JobInput,
  options: EnqueueOptions,
): Promise<Ready> => {
  const kind = findKind(input.name, catalog)
  const queue = await queueOf(bull, catalog, principal, kind, input)
  return formed(kernel, { queue, kind }, principal, input, options)
}

/** The job as it is stored in its queue. Throws where its payload or its options are not valid. */
export const formed = (
  { clock, settings }: Kernel,
  { queue, kind }: { queue: string; kind: AnyKind | undefined },
  principal: Principal,
  input: JobInput,
  options: EnqueueOptions,
): Ready => {
  const data = input.data ?? {}
  const service = input.service ?? (kind && serviceOf(kind, data))
  const timestamp = options.at ?? clock.now()
  const asker = { by: principal.id, traceparent: options.traceparent }
  const stored = storedOptions(kind, input, service, asker, timestamp)
  const id = idOf(principal, queue, input, options, timestamp)
  const job = {
    queue,
    id,
    name: input.name,
    data: JSON.stringify(data),
    timestamp,
    ...stored,
    mostWaiting: settings.K1N_QUEUE_DEPTH,
  }
  return { job, kind, dedup: input.options?.dedup, given: input.id !== undefined, data }
}

/** Stores a checked job, unless there is one already that stands for it. */
export const store = async (room: Enqueuing, ready: Ready, claim?: OpenClaim): Promise<Stored> => {
  const { kernel, bull } = room
  const { job, dedup } = ready
  const { queue, id } = job
  const expiresAt = expiryOf(job.opts)
  // Where more is written than the job, a request that was answered before must not come that far.
  const isAlone = !dedup && expiresAt === undefined
  if (!isAlone) await claim?.take()
  const refuse = async (): Promise<never> => {
    if (expiresAt !== undefined) await guardRedis(bull.forgetExpiry({ queue, id }))
    throw await fullness(kernel, bull, queue)
  }
  if (expiresAt !== undefined) await guardRedis(bull.noteExpiry({ queue, id }, expiresAt))
  if (dedup) {
    // BullMQ's own script answers the id alike whether it stored the job or found the id taken.
    // Nor does it know of a limit: both are looked at on the way to it.
    const depth = guardRedis(bull.depth(queue, job.mostWaiting ?? 0, dedup.id), 'read')
    const [there, { isFull }] = await Promise.all([standing(bull, job), depth])
    if (there) return { queue, id, as: repeated(ready, there) }
    if (isFull) return refuse()
    const kept = await addDeduplicated(bull, ready, dedup)
    return { queue, id: kept, as: kept === id ? 'made' : 'merged' }
  }
  const told = claim && isAlone ? added(room, ready) : undefined
  const came =
    claim && told
      ? await claim.carry(told, factsOf(job), (receipt) => guardRedis(bull.addWith(receipt, job)))
      : await guardRedis(bull.add(job))
  if (came === 'stored') return { queue, id, as: 'made', job: told }
  if (came === 'full') return refuse()
  return { queue, id, as: repeated(ready, await standing(bull, job)) }
}

/** Answers a job as it was stored, or as it is by now. */
export const answer = async (
  room: Enqueuing,
  principal: Principal,
  ready: Ready,
  { queue, id, as, job: told }: Stored,
): Promise<Enqueued> => {
  if (as === 'made') return { job: told ?? added(room, ready), created: true }
  const address = { queue, id }
  const job = await room.show(principal, address)
  return { job: as === 'merged' ? { ...job, deduplicated_of: formatAddress(address) } : job, created: false }
}

const standing = async (bull: Bull, { queue, id }: NewJob): Promise<RawJob | undefined> =>
  (await guardRedis(bull.readRaw([{ queue, id }], ['name', 'timestamp', 'data', 'deid']), 'read'))[0]

/** What a job that is there already is to the one asked for. Throws where it is another one: that would be lost unheard. */
const repeated = ({ job, dedup, given }: Ready, there: RawJob | undefined): 'there' | 'merged' => {
  if (dedup !== undefined && there?.dedupId === dedup.id) return 'merged'
  if (given) throw JobExists(`The queue ${job.queue} has a job ${job.id} already; give another id or a dedup id.`)
  if (there && (there.name !== job.name || there.data !== job.data))
    throw IdempotencyKeyReused('This Idempotency-Key came with another job before; use a new one.')
  return 'there'
}

/** BullMQ's own script knows its ways of making two jobs one; it answers the id of the job that was kept. */
const addDeduplicated = async (
  bull: Bull,
  { job, data }: Ready,
  dedup: NonNullable<Ready['dedup']>,
): Promise<string> => {
  const { id, ttl_ms, mode } = dedup
  const deduplication = {
    id,
    ...(ttl_ms === undefined ? {} : { ttl: ttl_ms }),
    ...(mode === 'extend' ? { extend: true } : {}),
    ...(mode === 'replace' ? { replace: true } : {}),
    ...(mode === 'keep_last' ? { keepLastIfActive: true } : {}),
  }
  const { kl: keepLogs, ...opts } = job.opts
  const options = { ...opts, keepLogs: Number(keepLogs), jobId: job.id, timestamp: job.timestamp, deduplication }
  const kept = await guardRedis(bull.queue(job.queue).add(job.name, data, options))
  return kept.id ?? job.id
}

const queueOf = async (
  bull: Bull,
  catalog: Catalog,
  principal: Principal,
  kind: AnyKind | undefined,
  input: JobInput,
): Promise<string> => {
  const { name, queue = kind?.queue } = input
  if (kind?.isOurs) throw unknownName(`k1n itself adds what is called ${name}`, catalog)
  if (kind && queue !== kind.queue)
    throw invalid([
      { pointer: '#/queue', code: 'custom', detail: `must be ${kind.queue}, where ${name} runs, or left out` },
    ])
  if (queue === undefined)
    throw unknownName(`No handler here is called ${name}. Give the \`queue\` whose workers take it`, catalog)
  if (!allowsQueue(principal, queue)) throw unknownName(`There is no queue ${queue} that takes ${name}`, catalog)
  if (kind) return queue
  if (bull.isOwn(queue)) throw unknownName(`The workers of ${queue} have no handler called ${name}`, catalog)
  if (await guardRedis(bull.exists(queue), 'read')) return queue
  throw unknownName(`There is no queue ${queue} yet. Start its worker or add a first job with BullMQ itself`, catalog)
}

const unknownName = (what: string, catalog: Catalog): Error =>
  UnknownJobName(`${what}, or use a name this installation knows: ${namesOf(catalog).join(', ')}.`, {
    errors: [{ pointer: '#/name', code: 'unknown-job-name', detail: 'is not known here' }],
  })

/** The service a valid payload calls. Throws `validation-failed` with the payload's own mistakes otherwise. */
const serviceOf = (kind: AnyKind, data: Record<string, unknown>): string | undefined => {
  const parsed = (kind.payload as z.ZodType).safeParse(data)
  if (parsed.success) return kind.serviceOf(parsed.data)
  throw invalid(fieldErrors(parsed.error, ['data']))
}

const invalid = (errors: FieldError[]): Error =>
  ValidationFailed(`${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid.`, { errors })

export const idOf = (
  principal: Principal,
  queue: string,
  input: JobInput,
  options: EnqueueOptions,
  now: number,
): string => {
  if (input.id !== undefined) return `t_${input.id}`
  if (options.idempotencyKey === undefined) return `t_${uuidv7(now)}`
  return `t_i-${hashId(32, principal.id, queue, options.idempotencyKey, String(options.index ?? 'one'))}`
}

/** What is known of a job that was just stored; everything else of it is as in a hash that nobody has written to since. */
export const added = (room: Pick<Enqueuing, 'kernel'>, { job, kind, dedup, data }: Ready): Job => {
  const { queue, id, name, opts, timestamp, delay, priority } = job
  const stated: StatedJob = {
    state: delay > 0 ? 'delayed' : priority > 0 ? 'prioritized' : 'waiting',
    job: {
      ...untouched,
      queue,
      id,
      name,
      opts,
      timestamp,
      delay,
      priority,
      attemptsMax: Number(opts['attempts']),
      dedupId: dedup?.id,
    },
    score: delay > 0 ? timestamp + delay : undefined,
    // Whatever is read of the job later is newer.
    readAt: 0,
  }
  return present(stated, {
    kind,
    around: undefined,
    now: timestamp,
    bullPrefix: room.kernel.bullPrefix,
    payload: 'full',
    data,
    why: whyAdded(queue, delay),
  })
}
