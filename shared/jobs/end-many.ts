// Ending many jobs that no worker runs: cancelled or skipped with a record that is kept, or deleted without one.
import type { Removed, Standing } from '../bullmq/bullmq.ts'
import { byQueue } from '../bullmq/by-queue.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { OutcomeUnknown } from '../kernel/problems.ts'
import { redisProblem } from '../kernel/redis-errors.ts'
import type { Job } from './contract.ts'
import { JobCancelled, JobSkipped } from './events.ts'
import type { Found } from './look-many.ts'
import { manyVerb } from './many.ts'
import type { Asked, Came, Done, JobsVerb } from './many.ts'
import { HasPendingChildren, JobLocked, SchedulerOwned } from './problems.ts'
import { readJobs } from './read.ts'
import { goneProblem, notInState, removedNow } from './retry-many.ts'
import { stateOf } from './state.ts'
import type { StoredState } from './state.ts'
import { tellToStop } from './steer.ts'
import type { Steering } from './steer.ts'

export interface EndItem extends Found {
  readonly reason?: string | undefined
}

type End = 'cancelled' | 'skipped'
const events = { cancelled: JobCancelled, skipped: JobSkipped } as const

/** Whether it was ended under this mark: its record says so. */
const isEnded = ({ record, mark }: Found, asked: Asked): boolean => record !== undefined && mark === asked.mark

const endOutcome =
  (end: End) =>
  ({ kernel }: Steering, { address, stated, record, reason }: EndItem): Done => ({
    status: 200,
    data: { state: end },
    facts: [
      fact(events[end], kernel.clock.now(), {
        task_id: formatAddress(address),
        queue: address.queue,
        name: stated?.job.name ?? record?.name ?? null,
        state: end,
        reason: reason ?? null,
      }),
    ],
  })

const running = ({ address }: Found): Problem =>
  JobLocked(`A worker runs ${formatAddress(address)} right now; cancel it, or wait until it has ended.`)

const SKIPPABLE: readonly StoredState[] = ['waiting', 'prioritized', 'delayed', 'parked', 'failed', 'waiting_children']

/** Takes jobs out of their queues for good, the failed ones too. What waited for them goes on without. */
export const skipMany: JobsVerb<EndItem> = manyVerb<Steering, EndItem>({
  isRepeated: isEnded,
  check(_room, item) {
    if (!item.stated) return goneProblem(item)
    const state = stateOf(item.stated)
    if (state === 'active') return running(item)
    return SKIPPABLE.includes(state) ? undefined : notInState(item, 'only one that waits or failed can be skipped')
  },
  outcome: endOutcome('skipped'),
  act: (room, items, asked) => takeOut(room, items, asked, 'skipped'),
})

/** Cancels jobs that have not started, and tells those that run to stop. */
export const cancelMany: JobsVerb<EndItem> = manyVerb<Steering, EndItem>({
  isRepeated: (item, asked) => isEnded(item, asked) || wasStopped(item, asked),
  check(_room, item) {
    if (!item.stated) return goneProblem(item)
    const state = stateOf(item.stated)
    if (state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'expired')
      return notInState(item, 'only a job that has not ended can be cancelled')
    return state === 'waiting_children'
      ? HasPendingChildren(`The job ${formatAddress(item.address)} waits for its child jobs; cancel those first.`)
      : undefined
  },
  outcome: (room, item) =>
    item.stated?.state === 'active' ? { status: 202, data: { state: 'active' } } : endOutcome('cancelled')(room, item),
  async act(room, items, asked) {
    const isRunning = ({ stated }: EndItem): boolean => stated?.state === 'active'
    const resting = items.filter((item) => !isRunning(item))
    const [told, ended] = await Promise.all([
      Promise.all(items.filter(isRunning).map((item) => tell(room, item))),
      takeOut(room, resting, asked, 'cancelled'),
    ])
    const [nextTold, nextEnded] = [told.values(), ended.values()]
    return items.map((item) => (isRunning(item) ? nextTold : nextEnded).next().value)
  },
})

/** One that ran and was told to stop has ended since. */
const wasStopped = ({ stated }: Found, { since }: Asked): boolean =>
  since !== undefined && stated?.job.cancelled !== undefined && (stated.job.finishedOn ?? 0) >= since

const tell = async (room: Steering, { stated, reason }: EndItem): Promise<Came | undefined> => {
  try {
    if (stated) await tellToStop(room, stated.job, reason)
    return undefined
  } catch (error) {
    if (isProblem(error) && error.code === JobLocked.code) return error
    throw error
  }
}

/** Removes jobs as if they had never been, whatever became of them. */
export const deleteMany: JobsVerb<Found> = manyVerb<Steering, Found>({
  check: (_room, item) =>
    item.stated?.state === 'active' ? running(item) : item.record ? undefined : goneProblem(item),
  outcome: () => ({ status: 204, data: {} }),
  async act({ bull, gone }, items) {
    const stored = items.filter(({ stated }) => stated !== undefined)
    const removed = (await byQueue(stored.map(standing), (queue, own) => bull.removeMany(queue, own))).values()
    await gone.forgetMany(items.map(({ address }) => address))
    return items.map((item) => (item.stated ? refusalOf(item, removed.next().value ?? 'missing') : undefined))
  },
})

const standing = ({ address, stated }: Found): Standing & { queue: string } => ({
  ...address,
  state: (stated?.state ?? 'unknown') as Standing['state'],
  ...(stated?.state === 'failed' ? { endedAt: stated.score } : {}),
})

const refusalOf = (item: Found, removed: Removed): Problem | undefined => {
  const name = formatAddress(item.address)
  switch (removed) {
    case 'removed':
      return undefined
    case 'missing':
      return removedNow(item)
    case 'locked':
      return running(item)
    case 'scheduled':
      return SchedulerOwned(`The job ${name} is the next one of a scheduler; change the schedule instead.`)
    case 'not_in_state':
    case 'changed':
      return notInState(item, 'but somebody, or a worker, changed that just now')
  }
}

/** Their payloads are in memory together. */
const AT_ONCE = 100

/** The records come first: look-ups prefer BullMQ's job, so nobody sees two, and a crash between loses nothing. */
const takeOut = async (
  room: Steering,
  items: readonly EndItem[],
  asked: Asked,
  end: End,
): Promise<(Came | undefined)[]> => {
  const came: (Came | undefined)[] = []
  for (let from = 0; from < items.length; from += AT_ONCE)
    came.push(...(await takeSome(room, items.slice(from, from + AT_ONCE), asked, end)))
  return came
}

const takeSome = async (
  room: Steering,
  items: readonly EndItem[],
  asked: Asked,
  end: End,
): Promise<(Problem | undefined)[]> => {
  const { bull, gone } = room
  const shown = await readJobs(room, items.map(({ address }) => address), 'full') // prettier-ignore
  const records = items.flatMap((item, n) => {
    const job = shown[n]
    return job && job.state !== end ? [recordOf(room, job, item, asked, end)] : []
  })
  if (records.length > 0) await gone.keepMany(records, asked.mark)
  const removed = await byQueue(items.map(standing), (queue, own) => bull.removeMany(queue, own)).catch(
    async (error: unknown) => {
      // Where nobody knows whether they are gone, the records stay: they may be all that is left of them.
      const named = redisProblem(error)
      if (!isProblem(named) || named.code !== OutcomeUnknown.code)
        await gone.forgetMany(items.map(({ address }) => address)).catch(() => undefined)
      throw error
    },
  )
  const kept = items.filter((_, n) => removed[n] !== 'removed').map(({ address }) => address)
  if (kept.length > 0) await gone.forgetMany(kept)
  return items.map((item, n) => refusalOf(item, removed[n] ?? 'missing'))
}

const recordOf = ({ kernel }: Steering, job: Job, { reason }: EndItem, { actor }: Asked, end: End): Job => ({
  ...job,
  state: end,
  run_at: null,
  parked: null,
  dlq_id: null,
  finished_at: toIso(kernel.clock.now()),
  why: reason ? `Was ${end} by ${actor}: ${reason}` : `Was ${end} by ${actor}.`,
  version: job.version + 1,
})
