// Has a worker say what it has to say before it asks for more work.
import type { Worker } from 'bullmq'

/** What of a worker is meant: whether it waits for a first job, and how it asks for one. */
interface Asking {
  readonly waiting: Promise<unknown> | null
  moveToActive: (token: string, name?: string) => Promise<unknown>
}

/** Has a worker that was just made ask for further jobs a turn of the event loop later than BullMQ does, which is as soon as
 *  one has begun. That a job ended at once is then told of first, in place of behind the question; and a handler that holds up
 *  the process has not taken another job with it. A worker that waits for a first job asks at once. */
export const saysFirst = <W extends Worker>(worker: W): W => {
  const asking = worker as unknown as Asking
  const ask = asking.moveToActive.bind(worker)
  asking.moveToActive = async (token, name) => {
    if (asking.waiting === null) await new Promise(setImmediate)
    return ask(token, name)
  }
  return worker
}

/** Has a worker ask for no job while `inTime` says no. */
export const asksInTime = <W extends Worker>(worker: W, inTime: () => boolean): W => {
  const asking = worker as unknown as Asking
  const ask = asking.moveToActive.bind(worker)
  asking.moveToActive = async (token, name) => (inTime() ? ask(token, name) : undefined)
  return worker
}
