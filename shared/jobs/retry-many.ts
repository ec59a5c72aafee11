// Many jobs tried again, and many delayed ones brought forward: a call for each queue.
import { byQueue } from '../bullmq/by-queue.ts'
import type { RevivedOne } from '../bullmq/bullmq.ts'
import type { Revived } from '../bullmq/revive.ts'
import { diedAtOf } from '../dlq/id.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Problem } from '../kernel/problem.ts'
import type { Found } from './look-many.ts'
import { manyVerb } from './many.ts'
import type { Came, JobsVerb } from './many.ts'
import { JobLocked, JobMissing, JobNotInState } from './problems.ts'
import { endedBefore } from './steer.ts'
import type { Steering } from './steer.ts'
import { stateOf } from './state.ts'
import type { JobState } from './words.ts'

export interface RetryItem extends Found {
  readonly resetAttempts: boolean
  readonly delayMs: number
  /** Only of a job that ended at this moment. */
  readonly endedAt?: number | undefined
}

/** Why nothing can be done with one of which no job is left; undefined when there is one. */
export const goneProblem = ({ stated, record, address }: Found): Problem | undefined => {
  if (stated) return undefined
  return record ? endedBefore(record) : JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
}

/** Refuses what cannot be done with a job as it is now. */
export const notInState = ({ address, stated }: Found, only: string): Problem =>
  JobNotInState(`The job ${formatAddress(address)} is ${stated ? stateOf(stated) : 'gone'}; ${only}.`)

/** Whether this very command left its mark in the job. */
export const isMarked = ({ stated }: Found, { mark }: { mark: string }): boolean => stated?.job.operation === mark

const lineOf = ({ stated }: Found): JobState => ((stated?.job.priority ?? 0) > 0 ? 'prioritized' : 'waiting')

const retriable = ['failed', 'completed', 'delayed'] as const

/** Tries jobs again that ended or are delayed, each as `retryJob` does. */
export const retryMany: JobsVerb<RetryItem> = manyVerb<Steering, RetryItem>({
  isRepeated: isMarked,
  check(_room, item) {
    const { stated, address, endedAt } = item
    if (!stated) return goneProblem(item)
    if (stated.state === 'active')
      return JobLocked(`A worker runs ${formatAddress(address)} right now; it can be tried again when it has ended.`)
    if (!retriable.some((state) => state === stated.state))
      return notInState(item, 'only one that ended or is delayed can be tried again')
    return endedAt === undefined || endedAt === momentOf(item) ? undefined : lost(item)
  },
  outcome: (_room, item) => ({
    status: 202,
    data: { state: item.delayMs > 0 ? 'delayed' : lineOf(item) },
  }),
  async act({ bull }, items, { mark }) {
    const answers = new Map<RetryItem, RevivedOne | Revived>()
    const dead = items.filter(({ stated }) => stated?.state === 'failed' && stated.job.cancelled === undefined)
    const alone = items.filter((item) => !dead.includes(item))
    const bulk = [...groupBy(dead, ({ resetAttempts, delayMs }) => `${resetAttempts} ${delayMs}`)].map(
      async ([first, group]) => {
        const { resetAttempts, delayMs } = first
        const deaths = group.map((item) => ({ ...item.address, diedAt: momentOf(item) }))
        const revived = await byQueue(deaths, (queue, own) =>
          bull.reviveMany(queue, own, { mark, resetAttempts, delayMs }),
        )
        group.forEach((item, n) => answers.set(item, revived[n] ?? 'missing'))
      },
    )
    const single = alone.map(async (item) => {
      const { address, stated, resetAttempts, delayMs } = item
      const from = stated?.state as (typeof retriable)[number]
      answers.set(item, await bull.revive(address, { from, resetAttempts, delayMs, mark }))
    })
    await Promise.all([...bulk, ...single])
    return items.map((item): Came | undefined => {
      const answer = answers.get(item) ?? 'missing'
      if (answer === 'revived' || answer === 'again') return undefined
      return answer === 'missing' ? removedNow(item) : lost(item)
    })
  },
})

const momentOf = ({ stated }: Found): number => diedAtOf(stated?.job.finishedOn, stated?.score)

export const removedNow = ({ address }: Found): Problem =>
  JobMissing(`The job ${formatAddress(address)} was removed just now.`)

const lost = ({ address, stated }: Found): Problem =>
  JobNotInState(
    `The job ${formatAddress(address)} was tried again by somebody else just now, or is no longer ${stated?.state ?? 'there'}.`,
  )

const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<Item, Item[]> => {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return new Map([...groups.values()].map((group) => [group[0] as Item, group]))
}

/** Lets delayed jobs run now. */
export const promoteMany: JobsVerb<Found> = manyVerb<Steering, Found>({
  isRepeated: isMarked,
  check: (_room, item) =>
    item.stated?.state === 'delayed'
      ? undefined
      : (goneProblem(item) ?? notInState(item, 'only a delayed job can be promoted')),
  outcome: (_room, item) => ({ status: 200, data: { state: lineOf(item) } }),
  async act({ bull }, items, { mark }) {
    const answers = await byQueue(
      items.map(({ address }) => address),
      (queue, own) => bull.hasten(queue, own.map(({ id }) => id), mark), // prettier-ignore
    )
    return items.map((item, n) =>
      answers[n] === 'missing' ? removedNow(item) : answers[n] === 'not_delayed' ? lost(item) : undefined,
    )
  },
})
