// Letting many jobs of a queue run, as kinds of operation: those that completed once more, and those that are delayed now.
import { z } from 'zod'
import type { Bull } from '../bullmq/bullmq.ts'
import { oldestFirst } from '../bullmq/oldest.ts'
import { QueueName } from '../jobs/words.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { SLICE_MAX } from '../operations/kind.ts'
import type { OperationKind, Outcome } from '../operations/kind.ts'
import { PromoteAllRequest } from './work-contract.ts'

interface Room {
  kernel: Kernel
  bull: Bull
}

export const RetryParams = z.strictObject({ queue: QueueName, before: z.int(), limit: z.int() })
interface Ended {
  queue: string
  id: string
  diedAt: number
}

const done: Outcome = { is: 'done' }
const skipped = (reason: string): Outcome => ({ is: 'skipped', reason })
const GONE = skipped('It is not there any more.')

/** Completed jobs once more. Failed ones are dead letters, whose return is an operation of its own. */
export const queueRetry = ({ kernel, bull }: Room): OperationKind<'queue.retry', typeof RetryParams, Ended> => ({
  name: 'queue.retry',
  params: RetryParams,
  nameOf: formatAddress,
  async *select({ params: { queue, before, limit } }) {
    let left = limit
    for await (const page of oldestFirst(kernel, [{ queue, key: bull.keys(queue).completed }], { before })) {
      const slice = page.slice(0, left).flatMap(({ address, at }) => {
        const of = parseAddress(address)
        return of ? [{ ...of, diedAt: at }] : []
      })
      for (let from = 0; from < slice.length; from += SLICE_MAX) yield slice.slice(from, from + SLICE_MAX)
      if ((left -= page.length) <= 0) return
    }
  },
  async apply(items, { id: mark, params: { queue } }) {
    const revival = { mark, resetAttempts: true, delayMs: 0, from: 'completed' } as const
    const answers = await bull.reviveMany(queue, items, revival)
    const outcomes = answers.map((answer) => {
      if (answer === 'revived' || answer === 'again') return done
      return answer === 'missing' ? GONE : skipped('It ran again already.')
    })
    return { outcomes, facts: [] }
  },
})

export const PromoteParams = PromoteAllRequest.omit({ rate_per_s: true }).extend({ queue: QueueName })

/** The next job of a schedule keeps its time: with it the schedule would run ahead. */
export const queuePromote = ({ kernel, bull }: Room): OperationKind<'queue.promote', typeof PromoteParams, string> => ({
  name: 'queue.promote',
  params: PromoteParams,
  nameOf: String,
  async *select({ params: { queue, limit } }) {
    let left = limit
    for (let from = 0; left > 0; from += SLICE_MAX) {
      const ids = await kernel.redis.zrange(bull.keys(queue).delayed, from, from + SLICE_MAX - 1)
      if (ids.length === 0) return
      const jobs = await bull.readRaw(
        ids.map((id) => ({ queue, id })),
        ['name', 'timestamp', 'rjk'],
      )
      const slice = ids.filter((_, index) => jobs[index]?.schedulerId === undefined).slice(0, left)
      left -= slice.length
      yield slice
    }
  },
  async apply(ids, { params: { queue } }) {
    const answers = await bull.hasten(queue, ids)
    // One that is not delayed waits, runs or has ended: nothing keeps it back any more.
    return { outcomes: answers.map((answer) => (answer === 'missing' ? GONE : done)), facts: [] }
  },
})
