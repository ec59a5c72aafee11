// Many dead letters given another life or put away, each named by its own id: a call for each queue.
import { byQueue } from '../bullmq/by-queue.ts'
import type { StatedJob } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { manyVerb } from '../jobs/many.ts'
import type { Asked, ManyVerb } from '../jobs/many.ts'
import { recheck } from '../triage/recheck.ts'
import { RESTORABLE_MS, note } from './bin.ts'
import type { Discarding } from './bin.ts'
import { isRefusal } from './bulk.ts'
import { areMoved } from './bulk-resubmit.ts'
import { AlreadyResubmitted, DlqEntryDiscarded } from './contract.ts'
import { diedAtOf, dlqId } from './id.ts'
import { judgeDeath, readDeath, resubmitted } from './resubmit.ts'

/** A dead letter as somebody named it, and its job as it was found. */
export interface DeadItem {
  readonly address: Address
  /** The death that is meant; the newest when null. */
  readonly moment: number | null
  readonly stated: StatedJob
}

export interface ResubmitItem extends DeadItem {
  readonly resetAttempts: boolean
  readonly delayMs: number
}

const momentOf = ({ moment, stated }: DeadItem): number => moment ?? diedAtOf(stated.job.finishedOn, stated.score)

const isMarked = ({ stated }: DeadItem, { mark }: Asked): boolean => stated.job.operation === mark
const isBuriedUnder = ({ stated }: DeadItem, { mark }: Asked): boolean =>
  stated.job.buried?.endsWith(` ${mark}`) === true

const check = (_room: Discarding, { stated, address, moment }: DeadItem): Problem | undefined => {
  const death = judgeDeath(stated, address, moment)
  return isProblem(death) ? death : undefined
}

/** One that is not there any more: it may have moved to another queue, which single look-ups tell. */
const missing = async (room: Discarding, { address, moment }: DeadItem): Promise<Problem> => {
  try {
    const { stated, diedAt } = await readDeath(room, address, moment)
    return livesAgain(stated.job, diedAt)
  } catch (error) {
    if (isProblem(error)) return error
    throw error
  }
}

const livesAgain = (address: Address, moment: number | null): Problem =>
  AlreadyResubmitted(`The dead letter ${nameOf(address, moment)} was given another life, or put away, just now.`, {
    members: { task_id: formatAddress(address) },
  })

const nameOf = (address: Address, moment: number | null): string =>
  moment === null ? formatAddress(address) : dlqId(address, moment)

const refusalOf = async (room: Discarding, item: DeadItem, answer: string): Promise<Problem | undefined> =>
  !isRefusal(answer) ? undefined : answer === 'missing' ? missing(room, item) : livesAgain(item.address, item.moment)

/** Puts dead letters back to their queues. */
export const resubmitEach: ManyVerb<Discarding, ResubmitItem> = manyVerb<Discarding, ResubmitItem>({
  isRepeated: isMarked,
  check,
  outcome({ kernel }, item, { actor }) {
    const { address, stated, delayMs } = item
    const id = dlqId(address, momentOf(item))
    const state = delayMs > 0 ? 'delayed' : stated.job.priority > 0 ? 'prioritized' : 'waiting'
    return {
      status: 202,
      data: { dlq_id: id, state },
      facts: [resubmitted(kernel.clock.now(), id, address, address, actor)],
    }
  },
  async act(room, items, { mark }) {
    const deaths = items.map((item) => ({ ...item.address, diedAt: momentOf(item), item }))
    const moved = await areMoved(room.kernel, deaths)
    const free = deaths.filter((_, n) => moved[n] !== true)
    const answers = new Map<ResubmitItem, string>()
    await Promise.all(
      [true, false].flatMap((resetAttempts) =>
        [...new Set(free.map(({ item }) => item.delayMs))].map(async (delayMs) => {
          const group = free.filter(({ item }) => item.resetAttempts === resetAttempts && item.delayMs === delayMs)
          const revived = await byQueue(group, (queue, own) =>
            room.bull.reviveMany(queue, own, { mark, resetAttempts, delayMs }),
          )
          group.forEach(({ item }, n) => answers.set(item, revived[n] ?? 'missing'))
        }),
      ),
    )
    return Promise.all(items.map((item) => refusalOf(room, item, answers.get(item) ?? 'missing')))
  },
})

/** Puts dead letters away; they can be brought back for ten minutes. */
export const discardEach: ManyVerb<Discarding, DeadItem> = manyVerb<Discarding, DeadItem>({
  isRepeated: isBuriedUnder,
  check,
  outcome({ kernel }, item, { actor }) {
    const now = kernel.clock.now()
    const names = { dlq_id: dlqId(item.address, momentOf(item)), task_id: formatAddress(item.address) }
    const restorable_until = toIso(now + RESTORABLE_MS)
    return {
      status: 204,
      data: { dlq_id: names.dlq_id, restorable_until },
      facts: [fact(DlqEntryDiscarded, now, { ...names, queue: item.address.queue, actor, restorable_until })],
    }
  },
  async act(room, items, { mark }) {
    const deaths = items.map((item) => ({ ...item.address, diedAt: momentOf(item) }))
    await note(room, deaths, room.kernel.clock.now() + RESTORABLE_MS)
    const buried = await byQueue(deaths, (queue, own) => room.bull.bury(queue, own, mark))
    await recheck(room.kernel, deaths)
    return Promise.all(items.map((item, n) => refusalOf(room, item, buried[n] ?? 'missing')))
  },
})
