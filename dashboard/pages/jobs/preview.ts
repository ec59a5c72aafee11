// Asking what work on many jobs would be about, and beginning it, whether they were selected or a filter means them.
import type { JobAction, JobFilter } from '../../../shared/batch/actions-contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import type { Operation } from '../../../shared/operations/words.ts'
import type { api as client } from '../../data/api.ts'
import { operationsOf, type Preview } from './bulk.ts'

/** What is meant: rows that were selected, or a filter. */
export type Meant = { jobs: readonly Job[] } | { filter: JobFilter }

const SAMPLE = 5
const LATER = { prefer: 'respond-async' }

const rows = { retry: 'retryAll', promote: 'promoteAll', cancel: 'cancelAll', skip: 'skipAll', delete: 'deleteAll' } as const // prettier-ignore

interface Asked {
  action: JobAction
  meant: Meant
  reason: string
}

const selected = (action: JobAction, jobs: readonly Job[], reason: string) => {
  if (action === 'delete') throw new Error('selected jobs cannot be deleted as one operation')
  return operationsOf(action, jobs.map(({ id }) => id), reason) // prettier-ignore
}

/** How many it would be about, and some of them; changes nothing. */
export const previewOf = async (
  api: typeof client,
  { action, meant }: Asked,
  signal: AbortSignal,
): Promise<Preview> => {
  if ('filter' in meant) {
    const answer = await api.jobs[rows[action]]({ body: { filter: meant.filter, dry_run: true }, signal })
    if (!('matched' in answer)) throw new Error('a dry run started something')
    return { ...answer, sample: answer.sample.slice(0, SAMPLE), refused: 0 }
  }
  const operations = selected(action, meant.jobs, '')
  const answer = await api.batch.perform({ body: { operations, dry_run: true }, signal })
  if (!('results' in answer)) throw new Error('a dry run started something')
  const can = new Set(answer.results.filter(({ status }) => status < 400).map(({ index }) => index))
  const fitting = meant.jobs.filter((_job, index) => can.has(index))
  return {
    matched: fitting.length,
    complete: true,
    sample: fitting.slice(0, SAMPLE).map(({ id, name, state }) => ({ task_id: id, name, state })),
    refused: meant.jobs.length - fitting.length,
  }
}

/** Begins it; one key is one operation, however often it is sent. */
export const begin = async (
  api: typeof client,
  { action, meant, reason }: Asked,
  idempotencyKey: string,
): Promise<Operation> => {
  if ('filter' in meant) {
    const body = { filter: meant.filter, ...(reason !== '' && { reason }) }
    const answer = await api.jobs[rows[action]]({ body, idempotencyKey })
    if ('matched' in answer) throw new Error('only a preview came')
    return answer
  }
  const operations = selected(action, meant.jobs, reason)
  const answer = await api.batch.perform({ body: { operations }, headers: LATER, idempotencyKey })
  if ('results' in answer) throw new Error('it was done at once, not as an operation')
  return answer
}
