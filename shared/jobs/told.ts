// What is kept of a job that was stored, so that whoever asks for it again is told the same. The rest is in the request itself.
import { asRecord } from '../bullmq/raw-job.ts'
import type { NewJob } from '../bullmq/bullmq.ts'

export interface ToldFacts {
  /** When it was stored, in ms. */
  readonly at: number
  /** The trace it belongs to: another request of the same may belong to another. */
  readonly traceparent: string | undefined
  readonly queue: string
}

export const factsOf = ({ queue, timestamp, opts }: NewJob): string => {
  const { trace } = asRecord(opts['k1n'])
  return `${timestamp} ${typeof trace === 'string' ? trace : ''} ${queue}`
}

/** Undefined where that is not what was kept. */
export const parseFacts = (facts: string): ToldFacts | undefined => {
  const [, at, trace, queue] = /^(\d{1,15}) (\S*) (.+)$/.exec(facts) ?? []
  return queue === undefined ? undefined : { at: Number(at), traceparent: trace || undefined, queue }
}
