// What it means that somebody forced a retry: the rule, and who reads the mark it leaves.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Address } from '../kernel/ids.ts'

/* The mark of a forced retry, `k1nForced` in the hash of its job, is the number of the one attempt that was forced. It is
 * written in the step that puts the job back in line (`bullmq/revive.lua`), and nobody has to take it off. That attempt may
 * pass an open breaker and a spent retry budget however often it has to start: a start that a budget refuses, that a stop
 * interrupts or that dies with its process does not use the force up. Once the attempt has been counted, done or failed,
 * the mark names an attempt of the past, whatever the breaker was meanwhile; another life of the job begins without one. */

interface Question {
  readonly address: Address
  readonly attempt: number
  readonly resolve: (isForced: boolean) => void
}

export type AskForce = (address: Address, attempt: number) => Promise<boolean>

/** Answers whether an attempt was forced; asked of attempts that are refused only. Many of one turn are read together.
 *  Where Redis cannot tell, the attempt waits as if it were not, and keeps its mark. */
export const createForce = (bull: Pick<Bull, 'readRaw'>): AskForce => {
  let asked: Question[] = []
  const answer = async (): Promise<void> => {
    const questions = asked
    asked = []
    const addresses = questions.map(({ address }) => address)
    const jobs = await bull.readRaw(addresses, ['timestamp', 'k1nForced']).catch(() => [])
    questions.forEach(({ attempt, resolve }, n) => resolve(jobs[n]?.forcedAttempt === attempt))
  }
  return (address, attempt) =>
    new Promise((resolve) => {
      asked.push({ address, attempt, resolve })
      if (asked.length === 1) setImmediate(() => void answer())
    })
}
