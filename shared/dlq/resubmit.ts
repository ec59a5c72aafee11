// Another life for a dead letter: in place for the same queue, as a new job for another one.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull, NewJob, StatedJob } from '../bullmq/bullmq.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress, hashId, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { JobMissing, UnknownJobName } from '../jobs/problems.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { fieldErrors } from '../kernel/mistakes.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import type { EventLog } from '../stream/log.ts'
import { AlreadyResubmitted, DlqEntryResubmitted } from './contract.ts'
import type { ResubmitRequest, Resubmitted } from './contract.ts'
import { payloadOf } from './entry.ts'
import { diedAtOf, dlqId } from './id.ts'
import { mergePatch } from './merge-patch.ts'

export interface Resubmitting {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
  log: EventLog
}
export type Request = z.output<typeof ResubmitRequest>
export type Answer = z.output<typeof Resubmitted>

/** How long a dead letter that moved away is remembered, so that a second request is told so. */
const REMEMBER_MS = 30 * 24 * 60 * 60 * 1_000

const movedKey = (kernel: Kernel, id: string): string => kernel.key('dlq', 'moved', id)

/** A dead letter that was found, with the moment of the death that is meant. */
export interface Death {
  readonly stated: StatedJob
  readonly diedAt: number
}

/** Reads the death that is meant; without a moment the newest. Problems: `task-not-found`, `already-resubmitted`. */
export const readDeath = async (
  { kernel, bull }: Pick<Resubmitting, 'kernel' | 'bull'>,
  address: Address,
  moment: number | null,
): Promise<Death> => {
  const [stated] = await bull.readStated([address])
  const name = moment === null ? formatAddress(address) : dlqId(address, moment)
  if (!stated) {
    const moved = moment === null ? null : await kernel.redis.get(movedKey(kernel, name))
    if (moved !== null)
      throw AlreadyResubmitted(`The dead letter ${name} lives on as ${moved}.`, { members: { task_id: moved } })
    throw JobMissing(`There is no dead letter ${name}.`)
  }
  const diedAt = diedAtOf(stated.job.finishedOn, stated.score)
  const dead = stated.state === 'failed' && stated.job.cancelled === undefined
  if (dead && (moment === null || moment === diedAt)) return { stated, diedAt }
  if (moment === null) throw JobMissing(`The job ${name} is no dead letter; it is ${stated.state}.`)
  // The job is there, but it does not lie dead since that moment: somebody gave it another life.
  throw AlreadyResubmitted(`The dead letter ${name} was given another life already.`, {
    members: { task_id: formatAddress(address) },
  })
}

export const resubmit = async (
  room: Resubmitting,
  principal: Principal,
  address: Address,
  moment: number | null,
  request: Request,
): Promise<Answer> => {
  const death = await readDeath(room, address, moment)
  const data = patched(room.catalog, death, request.data_patch)
  const target = request.queue ?? address.queue
  const id = dlqId(address, death.diedAt)
  const to =
    target === address.queue
      ? await inPlace(room, death, data, request)
      : await elsewhere(room, principal, death, data, target, request)
  const moved = formatAddress(to)
  await room.log.append([
    fact(DlqEntryResubmitted, room.kernel.clock.now(), {
      dlq_id: id,
      task_id: formatAddress(address),
      new_task_id: moved === formatAddress(address) ? null : moved,
      queue: address.queue,
      actor: principal.name,
    }),
  ])
  return { dlq_id: id, task_id: moved, queue: to.queue, state: request.delay_ms > 0 ? 'delayed' : stateFor(death) }
}

const stateFor = ({ stated }: Death): 'prioritized' | 'waiting' => (stated.job.priority > 0 ? 'prioritized' : 'waiting')

/** The new payload as JSON text; undefined keeps the old one byte for byte. A kind's payload must fit its schema. */
const patched = (catalog: Catalog, { stated }: Death, patch: Request['data_patch']): string | undefined => {
  if (patch === undefined) return undefined
  const data = mergePatch(payloadOf(stated.job), patch)
  const parsed = (findKind(stated.job.name, catalog)?.payload as z.ZodType | undefined)?.safeParse(data)
  if (parsed?.success === false)
    throw ValidationFailed('The patched payload is not one of its kind.', {
      errors: fieldErrors(parsed.error, ['data_patch']),
    })
  return JSON.stringify(data)
}

const inPlace = async (
  { bull }: Resubmitting,
  { stated, diedAt }: Death,
  data: string | undefined,
  request: Request,
): Promise<Address> => {
  const address = { queue: stated.job.queue, id: stated.job.id }
  const revived = await bull.revive(address, {
    from: 'failed',
    finishedOn: stated.job.finishedOn === undefined ? undefined : diedAt,
    data,
    resetAttempts: request.reset_attempts,
    delayMs: request.delay_ms,
  })
  if (revived === 'missing') throw JobMissing(`The dead letter ${dlqId(address, diedAt)} was removed just now.`)
  if (revived !== 'revived')
    throw AlreadyResubmitted(`The dead letter ${dlqId(address, diedAt)} was given another life just now.`)
  return address
}

/** Added first under an id that follows from the death, then removed: a crash between leaves both for a moment, and the
 *  same request again ends with one. Who removes it is told from who came late by the note of where it went. */
const elsewhere = async (
  { kernel, bull }: Resubmitting,
  principal: Principal,
  death: Death,
  data: string | undefined,
  queue: string,
  request: Request,
): Promise<Address> => {
  if (!allowsQueue(principal, queue) || !(await bull.exists(queue)))
    throw UnknownJobName(`There is no queue ${queue} to resubmit to.`, {
      errors: [{ pointer: '#/queue', code: 'custom', detail: 'does not exist' }],
    })
  const { job } = death.stated
  const id = dlqId(job, death.diedAt)
  const to = { queue, id: `t_r-${hashId(32, id, queue)}` }
  await bull.add(copyOf(kernel, death, to, data, request.delay_ms))
  const first = await kernel.redis.set(movedKey(kernel, id), formatAddress(to), 'PX', REMEMBER_MS, 'NX')
  await bull.queue(job.queue).remove(job.id, { removeChildren: false })
  if (first === 'OK') return to
  const moved = parseAddress((await kernel.redis.get(movedKey(kernel, id))) ?? '')
  if (moved && formatAddress(moved) !== formatAddress(to))
    await bull.queue(queue).remove(to.id, { removeChildren: false })
  throw AlreadyResubmitted(`The dead letter ${id} lives on as ${formatAddress(moved ?? to)}.`)
}

const copyOf = (
  kernel: Kernel,
  { stated, diedAt }: Death,
  to: Address,
  data: string | undefined,
  delay: number,
): NewJob => {
  const { job } = stated
  const {
    delay: _delay,
    jobId: _jobId,
    timestamp: _timestamp,
    parent: _parent,
    repeat: _repeat,
    de: _dedup,
    ...opts
  } = job.opts
  return {
    ...to,
    name: job.name,
    data: data ?? job.data ?? '{}',
    opts: { ...opts, ...(delay > 0 ? { delay } : {}), k1n: { ...asRecord(opts['k1n']), was: dlqId(job, diedAt) } },
    timestamp: kernel.clock.now(),
    delay,
    priority: job.priority,
    lifo: false,
  }
}
