// Another life for many dead letters at once, as a kind of operation.
import type { z } from 'zod'
import type { RawJob } from '../bullmq/bullmq.ts'
import { byQueue } from '../bullmq/by-queue.ts'
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { OperationKind, Outcome, Work } from '../operations/kind.ts'
import { AlreadyResubmitted, BulkResubmitParams } from './contract.ts'
import { REFUSALS, applied, chosen, isRefusal } from './bulk.ts'
import { fatesOf, placeOf } from './fates.ts'
import { dlqId } from './id.ts'
import { movedKey } from './moved.ts'
import { moveElsewhere, movingKey, patched, placeElsewhere, readDeath, resubmitted } from './resubmit.ts'
import type { Resubmitting } from './resubmit.ts'
import type { Select } from './select.ts'
import type { Selected } from './selected.ts'

type Params = z.output<typeof BulkResubmitParams>
type Resubmits = Omit<Resubmitting, 'log'> & { select: Select }

export const bulkResubmit = (room: Resubmits): OperationKind<'dlq.resubmit', typeof BulkResubmitParams, Selected> => ({
  name: 'dlq.resubmit',
  params: BulkResubmitParams,
  payloads: ['data_patch'],
  select: (work) => chosen(room.select, work.params, work),
  nameOf: (item) => dlqId(item, item.diedAt),
  trial: ({ ladder, stop_if_failed_again }) =>
    ladder === null ? undefined : { ...ladder, stopAbove: stop_if_failed_again },
  follow: {
    fates: (items, work) => fatesOf(room, items, work),
    livesAs: (item, { queue }) => formatAddress(placeOf(item, queue)),
  },
  async apply(items, work) {
    const { queue } = work.params
    const outcomes = await byQueue(items, (from, own) =>
      queue === undefined || queue === from ? inPlace(room, from, own, work) : elsewhere(room, own, queue, work),
    )
    const now = room.kernel.clock.now()
    return applied(items, outcomes, (item) =>
      resubmitted(now, dlqId(item, item.diedAt), item, placeOf(item, queue), work.asker.name),
    )
  },
})

/** One script call for some hundreds. Those that somebody is moving to another queue are left to them. */
const inPlace = async (
  { kernel, bull, catalog }: Resubmits,
  queue: string,
  items: readonly Selected[],
  { id: mark, params }: Work<Params>,
): Promise<Outcome[]> => {
  const [moved, jobs] = await Promise.all([
    areMoved(kernel, items),
    params.data_patch === undefined ? [] : bull.readRaw(items, ['name', 'timestamp', 'data']),
  ])
  const data = items.map((_, index) =>
    moved[index] === true ? skipped(REFUSALS.not_in_state) : dataFor(catalog, jobs[index], params),
  )
  const ready = items.flatMap(({ id, diedAt }, index) => {
    const own = data[index]
    return typeof own === 'object' ? [] : { id, diedAt, data: own }
  })
  const revival = { mark, resetAttempts: params.reset_attempts, delayMs: params.delay_ms }
  const answers = (await bull.reviveMany(queue, ready, revival)).values()
  return data.map((own) => (typeof own === 'object' ? own : outcomeOf(answers.next().value ?? 'missing')))
}

const done: Outcome = { is: 'done' }
const skipped = (reason: string): Outcome => ({ is: 'skipped', reason })
const outcomeOf = (answer: string): Outcome => (isRefusal(answer) ? skipped(REFUSALS[answer]) : done)

/** Whether somebody is moving them to another queue. */
export const areMoved = async (kernel: Kernel, items: readonly Selected[]): Promise<boolean[]> => {
  if ((await kernel.redis.exists(movingKey(kernel))) === 0) return []
  const notes = await kernel.redis.mget(items.map((item) => movedKey(kernel, dlqId(item, item.diedAt))))
  return notes.map((note) => note !== null)
}

/** The patched payload, undefined to keep the old one; or why it cannot be patched. */
const dataFor = (
  catalog: Resubmits['catalog'],
  job: RawJob | undefined,
  { data_patch }: Params,
): string | undefined | Outcome => {
  if (data_patch === undefined) return undefined
  if (!job) return skipped(REFUSALS.missing)
  try {
    return patched(catalog, job, data_patch)
  } catch (error) {
    if (!isProblem(error)) throw error
    return {
      is: 'failed',
      reason: [error.message, ...(error.extras.errors ?? []).map(sayError)].join(' ').slice(0, 500),
    }
  }
}

const sayError = ({ pointer = '', detail }: { pointer?: string; detail: string }): string => `${pointer} ${detail}.`

/** Moved on their own, some at once; each has one place to go to, so that doing it again ends with one job. */
const AT_ONCE = 50

const elsewhere = async (
  room: Resubmits,
  items: readonly Selected[],
  queue: string,
  work: Work<Params>,
): Promise<Outcome[]> => {
  const outcomes: Outcome[] = []
  for (let from = 0; from < items.length; from += AT_ONCE)
    outcomes.push(
      ...(await Promise.all(items.slice(from, from + AT_ONCE).map((item) => move(room, item, queue, work)))),
    )
  return outcomes
}

const move = async (room: Resubmits, item: Selected, queue: string, work: Work<Params>): Promise<Outcome> => {
  const { queue: to, id } = placeElsewhere(dlqId(item, item.diedAt), queue)
  try {
    const death = await readDeath(room, item, item.diedAt)
    const data = patched(room.catalog, death.stated.job, work.params.data_patch)
    await moveElsewhere(room, work.asker, death, data, queue, work.params.delay_ms)
    return { is: 'done' }
  } catch (error) {
    if (!isProblem(error) || error.kind === 'unavailable') throw error
    if (error.code !== AlreadyResubmitted.code) return { is: 'failed', reason: error.message }
    // By a run of this operation that broke off, when it went to the very same place.
    return error.extras.members?.['task_id'] === `${to}:${id}` ? { is: 'done' } : skipped(REFUSALS.not_in_state)
  }
}
