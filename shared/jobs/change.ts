// Changing one job by the verbs that change many: skipping, deleting, another priority or time.
import type { Principal } from '../auth/contract.ts'
import { formatAddress, makeId } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { setDelayMany, setPriorityMany } from './change-many.ts'
import { PRIORITIES } from './contract.ts'
import type { Job, JobPatch } from './contract.ts'
import { deleteMany, skipMany } from './end-many.ts'
import type { Found, LookMany } from './look-many.ts'
import type { Done, JobsVerb } from './many.ts'
import { JobMissing } from './problems.ts'
import { showRecord } from './read.ts'
import { showChanged } from './steer.ts'
import type { Steering } from './steer.ts'

/** What one job is changed with. */
export interface Changing {
  readonly steering: Steering
  readonly look: LookMany
}

interface How {
  actor: string
  dryRun?: boolean
}

const lookAt = async ({ look }: Changing, principal: Principal, address: Address): Promise<Found> => {
  const [found] = await guardRedis(look(principal, [{ task_id: formatAddress(address) }]), 'read')
  if (found === undefined || isProblem(found)) throw found ?? JobMissing(`There is no job ${formatAddress(address)}.`)
  return found
}

const doOne = async <Item>(
  { steering }: Changing,
  verb: JobsVerb<Item>,
  item: Item,
  { actor, dryRun = false }: How,
): Promise<Done> => {
  const mark = makeId('one', steering.kernel.clock.now())
  const [came] = await guardRedis(verb(steering, [item], { actor, mark, dryRun }))
  if (came === undefined || isProblem(came)) throw came ?? new Error('nothing came of a change')
  if (came.facts && !dryRun) await guardRedis(steering.log.append(came.facts))
  return came
}

/** Takes a job out of its queue for good, with a record; what waited for it goes on. */
export const skipJob = async (
  room: Changing,
  principal: Principal,
  address: Address,
  reason?: string,
): Promise<Job> => {
  const found = await lookAt(room, principal, address)
  await doOne(room, skipMany, { ...found, reason }, { actor: principal.name })
  // Where Redis cannot be read now, `showChanged` says so.
  const [record] = await room.steering.gone.read([address]).catch(() => [])
  return record ? showRecord(principal, record) : showChanged(room.steering, principal, address)
}

/** Removes a job as if it had never been. */
export const deleteJob = async (room: Changing, principal: Principal, address: Address): Promise<void> => {
  await doOne(room, deleteMany, await lookAt(room, principal, address), { actor: principal.name })
}

/** Another priority, another time, or both; neither where one of them cannot be. */
export const changeJob = async (
  room: Changing,
  principal: Principal,
  address: Address,
  { priority, delay_ms, run_at }: JobPatch,
): Promise<Job> => {
  const found = await lookAt(room, principal, address)
  const how = { actor: principal.name }
  const until = run_at === undefined ? undefined : { until: Date.parse(run_at) }
  const delayMs = delay_ms ?? until
  const prioritized =
    priority === undefined
      ? undefined
      : { ...found, priority: typeof priority === 'string' ? PRIORITIES[priority] : priority }
  if (delayMs !== undefined) await doOne(room, setDelayMany, { ...found, delayMs }, { ...how, dryRun: true })
  if (prioritized) await doOne(room, setPriorityMany, prioritized, how)
  if (delayMs !== undefined) await doOne(room, setDelayMany, { ...found, delayMs }, how)
  return showChanged(room.steering, principal, address)
}
