// What it means that somebody forced a retry: the rule, and who reads the mark it leaves.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Address } from '../kernel/ids.ts'

/** A job whose next attempt is about to start. `starts` counts this start too. */
export interface Begun extends Address {
  readonly starts: number
  readonly attemptsMade: number
}

export type AskForce = (job: Begun) => Promise<boolean>

/** Answers whether the attempt that begins was forced; asked of attempts that are refused only.
 *
 *  The mark of a forced retry, `k1nForced` in the hash of its job, is the number of the one attempt that was forced. It is
 *  written in the step that puts the job back in line (`bullmq/revive.lua`), and nobody has to take it off. That attempt may
 *  pass an open breaker and a spent retry budget however often it has to start: a start that a budget refuses, that a stop
 *  interrupts or that dies with its process does not use the force up. Once the attempt has been counted, done or failed,
 *  the mark names an attempt of the past, whatever the breaker was meanwhile; another life of the job begins without one.
 *
 *  Reading it costs a command, shared by all that ask in one turn, so it is read of jobs only that were started before; one
 *  that was forced counts as such. Where Redis cannot tell, the attempt waits as if it were not forced, and keeps its mark. */
export const createForce = (bull: Pick<Bull, 'readRaw'>): AskForce => {
  let asked: Question[] = []
  const answer = async (): Promise<void> => {
    const questions = asked
    asked = []
    const jobs = questions.map(({ job }) => job)
    const found = await bull.readRaw(jobs, ['timestamp', 'k1nForced']).catch(() => [])
    questions.forEach(({ job, resolve }, n) => resolve(found[n]?.forcedAttempt === job.attemptsMade + 1))
  }
  return async (job) => {
    if (job.starts <= 1) return false
    return new Promise((resolve) => {
      asked.push({ job, resolve })
      if (asked.length === 1) setImmediate(() => void answer())
    })
  }
}

interface Question {
  readonly job: Begun
  readonly resolve: (isForced: boolean) => void
}
