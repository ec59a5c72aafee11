// Another life for a dead letter: in place for the same queue, as a new job for another one.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull, NewJob, RawJob, StatedJob } from '../bullmq/bullmq.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { fact } from '../kernel/event.ts'
import type { Fact } from '../kernel/event.ts'
import { formatAddress, hashId } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
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
import { movedKey } from './moved.ts'

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

/** There while somebody moves any dead letter: as it mostly is not, whoever wakes many need not ask about each. */
export const movingKey = (kernel: Kernel): string => kernel.key('dlq', 'moving')

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
  const death = judgeDeath(stated, address, moment)
  if (isProblem(death)) throw death
  return death
}

/** The death that is meant of a job that was found; or why there is none. */
export const judgeDeath = (stated: StatedJob, address: Address, moment: number | null): Death | Problem => {
  const name = moment === null ? formatAddress(address) : dlqId(address, moment)
  const diedAt = diedAtOf(stated.job.finishedOn, stated.score)
  const dead = stated.state === 'failed' && stated.job.cancelled === undefined
  if (stated.job.buried !== undefined) return JobMissing(`The dead letter ${name} was discarded; restore it first.`)
  if (dead && (moment === null || moment === diedAt)) return { stated, diedAt }
  if (moment === null) return JobMissing(`The job ${name} is no dead letter; it is ${stated.state}.`)
  // The job is there, but it does not lie dead since that moment: somebody gave it another life.
  return AlreadyResubmitted(`The dead letter ${name} was given another life already.`, {
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
  const data = patched(room.catalog, death.stated.job, request.data_patch)
  const target = request.queue ?? address.queue
  const id = dlqId(address, death.diedAt)
  const to =
    target === address.queue
      ? await inPlace(room, death, data, request)
      : await moveElsewhere(room, principal, death, data, target, request.delay_ms)
  await room.log.append([resubmitted(room.kernel.clock.now(), id, address, to, principal.name)])
  return {
    dlq_id: id,
    task_id: formatAddress(to),
    queue: to.queue,
    state: request.delay_ms > 0 ? 'delayed' : stateFor(death),
  }
}

/** Tells that a dead letter lives again, at `to`. */
export const resubmitted = (at: number, id: string, address: Address, to: Address, actor: string): Fact => {
  const [was, is] = [formatAddress(address), formatAddress(to)]
  const data = { dlq_id: id, task_id: was, new_task_id: is === was ? null : is, queue: address.queue, actor }
  return fact(DlqEntryResubmitted, at, data)
}

const stateFor = ({ stated }: Death): 'prioritized' | 'waiting' => (stated.job.priority > 0 ? 'prioritized' : 'waiting')

/** The new payload as JSON text; undefined keeps the old one byte for byte. A kind's payload must fit its schema. */
export const patched = (catalog: Catalog, job: RawJob, patch: Request['data_patch']): string | undefined => {
  if (patch === undefined) return undefined
  const kind = findKind(job.name, catalog)
  if (kind?.isOurs)
    throw ValidationFailed(`What a job called ${job.name} does is not changed by hand; send it again as it is.`, {
      errors: [{ pointer: '#/data_patch', code: 'custom', detail: `must be left out: k1n itself made the payload` }],
    })
  const data = mergePatch(payloadOf(job), patch)
  const parsed = (kind?.payload as z.ZodType | undefined)?.safeParse(data)
  if (parsed?.success === false)
    throw ValidationFailed('The patched payload is not one of its kind.', {
      errors: fieldErrors(parsed.error, ['data_patch']),
    })
  return JSON.stringify(data)
}

const inPlace = async (
  room: Resubmitting,
  death: Death,
  data: string | undefined,
  request: Request,
): Promise<Address> => {
  const { kernel, bull } = room
  const { queue, id } = death.stated.job
  const address = { queue, id }
  if ((await kernel.redis.exists(movedKey(kernel, dlqId(address, death.diedAt)))) === 1)
    throw await livesOn(room, death)
  const revived = await bull.revive(address, {
    from: 'failed',
    finishedOn: momentOf(death),
    data,
    resetAttempts: request.reset_attempts,
    delayMs: request.delay_ms,
  })
  if (revived === 'revived') return address
  const moved = await kernel.redis.exists(movedKey(kernel, dlqId(address, death.diedAt)))
  if (revived === 'missing' && moved === 0)
    throw JobMissing(`The dead letter ${dlqId(address, death.diedAt)} was removed just now.`)
  throw await livesOn(room, death)
}

/** How long one who moves a dead letter has it to itself; a crash leaves it to others after that, in ms. */
const CLAIM_MS = 10_000

/** Added first under an id that follows from the death, then the old one removed: a crash between leaves both for a
 *  moment, and the same request again ends with one. The note of where it goes is made before: whoever would move it
 *  somewhere else, or wake it where it lies, is refused. Who takes it out of the failed set is the one who moved it. */
export const moveElsewhere = async (
  room: Omit<Resubmitting, 'log'>,
  principal: Pick<Principal, 'queues'>,
  death: Death,
  data: string | undefined,
  queue: string,
  delayMs: number,
): Promise<Address> => {
  const { kernel, bull } = room
  if (!allowsQueue(principal, queue) || !(await bull.exists(queue)))
    throw UnknownJobName(`There is no queue ${queue} to resubmit to.`, {
      errors: [{ pointer: '#/queue', code: 'custom', detail: 'does not exist' }],
    })
  const { job } = death.stated
  const id = dlqId(job, death.diedAt)
  const to = placeElsewhere(id, queue)
  const note = movedKey(kernel, id)
  await kernel.redis.set(movingKey(kernel), '1', 'PX', CLAIM_MS)
  const claimed = await kernel.redis.set(note, formatAddress(to), 'PX', CLAIM_MS, 'NX')
  if (claimed !== 'OK' && (await kernel.redis.get(note)) !== formatAddress(to)) throw await livesOn(room, death)
  await bull.add(copyOf(kernel, death, to, data, delayMs))
  if (!(await bull.exhume(job, momentOf(death)))) return await tooLate(room, death, to)
  await bull.queue(job.queue).remove(job.id, { removeChildren: false })
  await kernel.redis.set(note, formatAddress(to), 'PX', REMEMBER_MS)
  return to
}

/** Where a dead letter goes that moves to another queue: always the same place for the same death. */
export const placeElsewhere = (dlqId: string, queue: string): Address => ({
  queue,
  id: `t_r-${hashId(32, dlqId, queue)}`,
})

/** The moment a script may compare; a hash without one holds nothing to compare with. */
const momentOf = ({ stated, diedAt }: Death): number | undefined =>
  stated.job.finishedOn === undefined ? undefined : diedAt

/** Another took it out of the failed set. Where it lives on in its own queue, or may be restored there, the copy must not
 *  live as well. */
const tooLate = async (room: Omit<Resubmitting, 'log'>, death: Death, to: Address): Promise<never> => {
  const { kernel, bull } = room
  const { job } = death.stated
  const [there] = await bull.readStated([job])
  if (there && (there.state !== 'unknown' || there.job.buried !== undefined)) {
    await bull.queue(to.queue).remove(to.id, { removeChildren: false })
    await kernel.redis.del(movedKey(kernel, dlqId(job, death.diedAt)))
  }
  throw await livesOn(room, death)
}

const livesOn = async ({ kernel }: Pick<Resubmitting, 'kernel'>, { stated, diedAt }: Death): Promise<Error> => {
  const id = dlqId(stated.job, diedAt)
  const moved = (await kernel.redis.get(movedKey(kernel, id))) ?? formatAddress(stated.job)
  return AlreadyResubmitted(`The dead letter ${id} lives on as ${moved}.`, { members: { task_id: moved } })
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
