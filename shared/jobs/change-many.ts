// Another priority, or another time, for many jobs that wait.
import { markJob } from '../attempts/mark.ts'
import { byQueue } from '../bullmq/by-queue.ts'
import { inSlices, sliceInLine } from '../bullmq/slices.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import type { Found } from './look-many.ts'
import { manyVerb } from './many.ts'
import type { Came, JobsVerb } from './many.ts'
import { SchedulerOwned } from './problems.ts'
import { goneProblem, isMarked, notInState, removedNow } from './retry-many.ts'
import { stateOf } from './state.ts'
import type { StoredState } from './state.ts'
import { guardBull } from './steer.ts'
import type { Steering } from './steer.ts'

export interface PriorityItem extends Found {
  /** As a number; 0 is none. */
  readonly priority: number
}

const WAITING: readonly StoredState[] = ['waiting', 'prioritized', 'delayed', 'parked', 'waiting_children']

/** Gives jobs that have not started another priority; they go to the end of the line of those that have it. */
export const setPriorityMany: JobsVerb<PriorityItem> = manyVerb<Steering, PriorityItem>({
  isRepeated: isMarked,
  check: (_room, item) =>
    item.stated && WAITING.includes(stateOf(item.stated))
      ? undefined
      : (goneProblem(item) ?? notInState(item, 'only one that has not started can be given another priority')),
  outcome: (_room, { priority, stated }) => ({
    status: 200,
    data: { priority, state: stated && stateInLine(stated.state, priority) },
  }),
  act(room, items, { mark }) {
    const change = (slice: readonly PriorityItem[]) => Promise.all(slice.map((item) => setPriority(room, item, mark)))
    const placed = items.map((item) => ({ queue: item.address.queue, item }))
    return byQueue(placed, async (queue, own) =>
      inSlices(own.map(({ item }) => item), change, await sliceInLine(room.kernel, room.bull.keys(queue)))) // prettier-ignore
  },
})

const setPriority = async (
  { bull, kernel }: Steering,
  { address, priority }: PriorityItem,
  mark: string,
): Promise<Came | undefined> => {
  try {
    await guardBull(bull.queue(address.queue).getBackend().changePriority(address.id, priority))
    await markJob(kernel, bull.keys(address.queue).job(address.id), { k1nOp: mark })
    return undefined
  } catch (error) {
    if (isProblem(error) && error.kind !== 'unavailable') return error
    throw error
  }
}

const stateInLine = (state: string, priority: number): string =>
  state === 'waiting' || state === 'prioritized' ? (priority > 0 ? 'prioritized' : 'waiting') : state

export interface DelayItem extends Found {
  /** From now on, or until then. */
  readonly delayMs: number | { readonly until: number }
}

/** Gives delayed jobs another time; one that has come lets them run now. */
export const setDelayMany: JobsVerb<DelayItem> = manyVerb<Steering, DelayItem>({
  isRepeated: isMarked,
  check({ kernel }, item) {
    const { stated, address } = item
    if (stated?.state !== 'delayed')
      return goneProblem(item) ?? notInState(item, 'only a delayed job can be given another time')
    if (delayOf(item, kernel.clock.now()) > DELAY_MAX_MS) return tooFar()
    return stated.job.schedulerId === undefined
      ? undefined
      : SchedulerOwned(`The job ${formatAddress(address)} is one of a scheduler; change the schedule instead.`)
  },
  outcome({ kernel }, item) {
    const now = kernel.clock.now()
    const delay = delayOf(item, now)
    if (delay > 0) return { status: 200, data: { state: 'delayed', run_at: toIso(now + delay) } }
    return {
      status: 200,
      data: { state: (item.stated?.job.priority ?? 0) > 0 ? 'prioritized' : 'waiting', run_at: null },
    }
  },
  act: ({ bull, kernel }, items, { mark }) =>
    Promise.all(
      items.map(async (item): Promise<Came | undefined> => {
        const delayMs = delayOf(item, kernel.clock.now())
        const revived = await bull.revive(item.address, { from: 'delayed', resetAttempts: false, delayMs, mark })
        if (revived === 'missing') return removedNow(item)
        return revived === 'not_in_state' ? notInState(item, 'but it began just now') : undefined
      }),
    ),
})

/** Further away, BullMQ's order of delayed jobs is no longer exact. */
export const DELAY_MAX_MS = 31_536_000_000

const tooFar = (): Problem =>
  ValidationFailed('The time is too far away.', {
    errors: [{ pointer: '#/run_at', code: 'too_big', detail: 'must be within a year from now' }],
  })

const delayOf = ({ delayMs }: DelayItem, now: number): number =>
  typeof delayMs === 'number' ? delayMs : Math.max(0, delayMs.until - now)
