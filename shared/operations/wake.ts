// Getting an operation run: a job of ours that names it. The record is the truth; the job only makes a worker look at it.
import type { Bull } from '../bullmq/bullmq.ts'
import { operationRun } from '../catalog/operation-run.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { KEPT_MS, LEASE_MS, createOperationStore } from './store.ts'
import type { OperationStore } from './store.ts'

const jobId = (id: string, wake: number): string => `op-${id.slice('op_'.length)}-${wake}`

/** Adds a job that runs the operation. */
export const wake = async (kernel: Kernel, bull: Bull, store: OperationStore, id: string): Promise<void> => {
  const { name, queue, retry } = operationRun
  const number = await store.countWake(id)
  await store.lookAgain(id, kernel.clock.now() + LEASE_MS)
  await bull.add({
    ...{ name, queue, id: jobId(id, number), data: JSON.stringify({ operation_id: id }) },
    opts: { attempts: retry.attempts, backoff: { type: 'k1n' }, removeOnFail: false },
    timestamp: kernel.clock.now(),
    ...{ delay: 0, priority: 0, lifo: false },
  })
}

/** The longest between two looks, in which an operation of another process may come to be overdue. */
const EVERY_MS = 5_000
const LEAST_MS = 250
/** Processes look this much apart, so that the first to see one that is overdue is the only one to wake it. */
const APART_MS = 1_000
const LOOK = 20

/** Wakes operations that nobody runs any more: their process was killed, or the one that stored them before it could add the
 *  job. Every worker process may do so; one job too many finds the operation held and ends. */
export const createWaker = (kernel: Kernel, bull: Bull): Service => {
  const store = createOperationStore(kernel)
  return loop('operations', async (signal) => {
    while (!signal.aborted) {
      await wakeOverdue(kernel, bull, store).catch((error: unknown) =>
        kernel.log.warn('operations could not be looked at', { error }),
      )
      const restMs = await untilNextLook(kernel, store).catch(() => EVERY_MS)
      await kernel.clock.sleep(restMs + Math.random() * APART_MS, signal)
    }
  })
}

/** Until a lease runs out if that is soon, so that what was cut off goes on as soon as it may. */
export const untilNextLook = async (kernel: Kernel, store: OperationStore): Promise<number> => {
  const next = (await store.nextLook()) ?? Infinity
  return Math.min(EVERY_MS, Math.max(LEAST_MS, next - kernel.clock.now()))
}

/** Answers the operations it woke. Those whose job still waits for a worker are looked at again later. */
export const wakeOverdue = async (kernel: Kernel, bull: Bull, store: OperationStore): Promise<string[]> => {
  const woken: string[] = []
  for (const id of await store.overdue(LOOK)) {
    if (await isOnItsWay(bull, store, id)) await store.lookAgain(id, kernel.clock.now() + LEASE_MS)
    else {
      await wake(kernel, bull, store, id)
      woken.push(id)
    }
  }
  return woken
}

const isOnItsWay = async (bull: Bull, store: OperationStore, id: string): Promise<boolean> => {
  const record = await store.read(id)
  if (!record || record.wakes === 0) return false
  const [state] = await bull.stateOf([{ queue: operationRun.queue, id: jobId(id, record.wakes) }])
  return state === 'waiting' || state === 'delayed'
}

/** The list of operations loses those whose records have expired, a few at a time. */
export const forgetGone = async (kernel: Kernel, store: OperationStore): Promise<void> => {
  const oldest = await store.oldest(LOOK)
  const records = await store.readMany(oldest)
  const isOld = (id: string): boolean => (madeAt(id) ?? 0) < kernel.clock.now() - KEPT_MS
  await store.forget(oldest.filter((id, index) => records[index] === undefined && isOld(id)))
}

/** When an operation was made, as its id tells; undefined for ids that follow from an Idempotency-Key. */
export const madeAt = (id: string): number | undefined => {
  const time = /^op_([0-9a-f]{12})7[0-9a-f]{19}$/.exec(id)?.[1]
  return time === undefined ? undefined : Number.parseInt(time, 16)
}
