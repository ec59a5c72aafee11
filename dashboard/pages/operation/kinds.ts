// What an operation does, to what: in words, for each kind there is.
import type { Operation } from '../../../shared/operations/words.ts'

type Kinds = Record<string, { doing: string; did: string; thing: string }>
const kinds: Kinds = {
  'dlq.resubmit': { doing: 'Resubmitting', did: 'resubmitted', thing: 'dead letter' },
  'dlq.purge': { doing: 'Discarding', did: 'discarded', thing: 'dead letter' },
  'jobs.cancel': { doing: 'Cancelling', did: 'cancelled', thing: 'job' },
  'jobs.retry': { doing: 'Retrying', did: 'retried', thing: 'job' },
  'jobs.promote': { doing: 'Promoting', did: 'promoted', thing: 'job' },
  'jobs.delete': { doing: 'Deleting', did: 'deleted', thing: 'job' },
  'jobs.skip': { doing: 'Skipping', did: 'skipped', thing: 'job' },
  'queue.drain': { doing: 'Draining a queue of', did: 'removed', thing: 'job' },
  'queue.clean': { doing: 'Cleaning a queue of', did: 'removed', thing: 'job' },
  'queue.obliterate': { doing: 'Obliterating a queue of', did: 'removed', thing: 'job' },
  'queue.retry': { doing: 'Retrying', did: 'retried', thing: 'job' },
  'queue.promote': { doing: 'Promoting', did: 'promoted', thing: 'job' },
  'worker.pause': { doing: 'Pausing', did: 'paused', thing: 'worker' },
  'worker.resume': { doing: 'Resuming', did: 'resumed', thing: 'worker' },
  'worker.shutdown': { doing: 'Shutting down', did: 'shut down', thing: 'worker' },
  batch: { doing: 'Doing a batch', did: 'done', thing: 'operation' },
  'webhook.replay': { doing: 'Sending', did: 'sent', thing: 'fact' },
}
const taken = { doing: 'Bringing back', did: 'brought back' }

export interface KindWords {
  doing: string
  did: string
  thing: string
}

/** What is done, to what. A kind that this version does not know is called by its name. */
export const kindWords = ({ kind, undoes }: Pick<Operation, 'kind' | 'undoes'>): KindWords => {
  const words = kinds[kind] ?? { doing: kind, did: 'done', thing: 'item' }
  return undoes === null ? words : { ...words, ...taken }
}
