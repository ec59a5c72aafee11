// Reading jobs as people see them: one by its address, or many for a list.
import type { Principal } from '../auth/contract.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Bull, StatedJob } from '../bullmq/bullmq.ts'
import { FIELDS_WITH_STACK } from '../bullmq/raw-job.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { readAround } from '../queues/around.ts'
import type { QueueAround } from '../queues/around.ts'
import type { Job } from './contract.ts'
import type { Gone } from './gone.ts'
import { REDACTED, briefly, present } from './present.ts'
import type { Presenting } from './present.ts'
import { JobMissing } from './problems.ts'

export interface Reading {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
  gone: Gone
}

/** Whether this one may see payloads and results. */
export const seesData = (principal: Pick<Principal, 'scopes'>): boolean => principal.scopes.includes('jobs:data')

/** One job in full, or without what is long of it. Throws `task-not-found`. */
export const showJob = async (
  reading: Reading,
  principal: Principal,
  address: Address,
  most: 'full' | 'brief' = 'full',
): Promise<Job> => {
  const payload = seesData(principal) ? most : 'redacted'
  const found = await readShown(reading, address, payload)
  if (found) return found.shown
  const [record] = await guardRedis(reading.gone.read([address]), 'read')
  if (!record) throw JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
  return showRecord(principal, record, most)
}

/** What is left of a job that was taken out of its queue, as somebody may see it. */
export const showRecord = (principal: Pick<Principal, 'scopes'>, record: Job, most: 'full' | 'brief' = 'full'): Job => {
  if (!seesData(principal)) return { ...record, data: REDACTED }
  return most === 'brief' ? briefly(record) : record
}

/** A job as it lies in its queue, with how it is shown. */
export interface Shown {
  readonly stated: StatedJob
  readonly shown: Job
}

/** Undefined where its queue has it no more. */
export const readShown = async (
  reading: Reading,
  address: Address,
  payload: Presenting['payload'] = 'full',
): Promise<Shown | undefined> => {
  const { kernel, bull } = reading
  const fields = payload === 'redacted' ? FIELDS_WITH_STACK : undefined
  const [[stated], around] = await guardRedis(
    Promise.all([bull.readStated([address], fields), readAround(kernel, bull, [address.queue])]),
    'read',
  )
  return stated && { stated, shown: present(stated, presenting(reading, stated, around, payload)) }
}

/** Many jobs, without payloads unless told, in the order asked; undefined for those that are gone. */
export const readJobs = async (
  reading: Reading,
  addresses: readonly Address[],
  payload: 'none' | 'full' = 'none',
): Promise<(Job | undefined)[]> => {
  const { kernel, bull, gone } = reading
  const queues = [...new Set(addresses.map(({ queue }) => queue))]
  const [stated, around] = await Promise.all([
    bull.readStated(addresses, payload === 'full' ? undefined : FIELDS_WITH_STACK),
    readAround(kernel, bull, queues),
  ])
  const missing = addresses.filter((_, index) => !stated[index])
  const records = new Map((await gone.read(missing)).map((record, index) => [missing[index], record]))
  return addresses.map((address, index) => {
    const found = stated[index]
    if (found) return present(found, presenting(reading, found, around, payload))
    const record = records.get(address)
    return record && (payload === 'full' ? record : withoutPayload(record))
  })
}

const withoutPayload = ({ data: _data, result: _result, ...job }: Job): Job => job

const presenting = (
  { kernel, catalog }: Reading,
  { job }: StatedJob,
  around: ReadonlyMap<string, QueueAround>,
  payload: Presenting['payload'],
): Presenting => ({
  kind: findKind(job.name, catalog),
  around: around.get(job.queue),
  now: kernel.clock.now(),
  bullPrefix: kernel.bullPrefix,
  payload,
})
