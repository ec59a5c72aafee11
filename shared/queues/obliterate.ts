// Doing away with a whole queue, as a kind of operation: its jobs slice by slice, then what BullMQ and k1n keep beside them.
import type { z } from 'zod'
import type { Place } from '../bullmq/bullmq.ts'
import { emptyBinOf } from '../dlq/bin.ts'
import { QueueName } from '../jobs/words.ts'
import { fact } from '../kernel/event.ts'
import type { Step, SteppingKind, Work } from '../operations/kind.ts'
import { giveOrder } from '../workers/orders.ts'
import { forgetRetention } from './config.ts'
import { QueueCleaned } from './contract.ts'
import { pauseFor, forgetPause } from './pauses.ts'
import { sweepAll } from './sweeps.ts'
import type { Sweeping } from './sweeps.ts'
import { ObliterateRequest } from './work-contract.ts'

export const ObliterateParams = ObliterateRequest.omit({ rate_per_s: true, confirm: true }).extend({ queue: QueueName })
type Params = z.output<typeof ObliterateParams>

/** Those that wait for children last: removing the children lets go of them. */
const PLACES: readonly Place[] = ['wait', 'paused', 'prioritized', 'delayed', 'completed', 'failed', 'waiting-children']

/** Whoever reads the queue's events gets so long to hear of the last that went. */
const HEARD_MS = 1_000
/** Jobs that are told to stop, and how long they have to. */
const TOLD_MOST = 1_000
const STOP_MS = 5_000

const RUNNING = 'Jobs of the queue are running; wait for them, or force it.'

export const queueObliterate = (room: Sweeping): SteppingKind<'queue.obliterate', typeof ObliterateParams> => ({
  name: 'queue.obliterate',
  params: ObliterateParams,
  async *steps(work, most) {
    const { bull } = room
    const { queue, force } = work.params
    // Gone already, by a run that could not say so.
    if (!(await bull.exists(queue))) return
    // Asked before it is paused: a queue that is refused is left as it was.
    if (!force && (await activeOf(room, queue)).length > 0) {
      yield { total: 0, done: 0, failure: RUNNING }
      return
    }
    await pauseFor(room, queue, { by: work.asker.name, reason: 'It is being done away with.', until: null })
    const running = await activeOf(room, queue)
    if (running.length > 0 && !force) {
      yield { total: 0, done: 0, failure: `${RUNNING} It is paused now, so that no more begin.` }
      return
    }
    if (running.length > 0) yield* stopRunning(room, work, running)
    const terms = { mark: work.id, hard: true }
    const last = yield* sweepAll(room, queue, [...(force ? (['active'] as const) : []), ...PLACES], terms, most)
    await emptyBinOf(room, queue)
    yield { ...last, restMs: HEARD_MS }
    yield await finish(room, work, last)
  },
})

const activeOf = ({ kernel, bull }: Sweeping, queue: string): Promise<string[]> =>
  kernel.redis.lrange(bull.keys(queue).active, 0, TOLD_MOST - 1)

/** Our own workers are told; those of other services lose their jobs while they run them. */
async function* stopRunning(room: Sweeping, { params, id }: Work<Params>, running: string[]): AsyncGenerator<Step> {
  const { kernel, bull } = room
  for (const job of running)
    await giveOrder(kernel, { op: 'cancel', queue: params.queue, id: job, reason: 'its queue is done away with' })
  const until = kernel.clock.now() + STOP_MS
  while (kernel.clock.now() < until && (await kernel.redis.llen(bull.keys(params.queue).active)) > 0) {
    const done = await bull.sweptBy(params.queue, id)
    yield { total: done, done, restMs: 100 }
  }
}

/** The queue's settings go last: until then it stays paused, and whoever goes on after a crash finds it. */
const finish = async (room: Sweeping, { id, params, asker }: Work<Params>, last: Step): Promise<Step> => {
  const { kernel, bull } = room
  const { queue } = params
  await forgetRetention(kernel, queue)
  if (!(await bull.removeRest(queue, id)))
    return { ...last, failure: 'Jobs came as fast as they went; stop who adds them, then ask again.' }
  await forgetPause(kernel, queue)
  // Ours have workers all the same, and those need a long stream of events.
  if (bull.isOwn(queue)) await bull.claim(queue)
  const told = { queue, actor: asker.name, count: last.done }
  return { ...last, facts: [fact(QueueCleaned, kernel.clock.now(), told)] }
}
