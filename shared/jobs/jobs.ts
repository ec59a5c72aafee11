// Jobs: accepting, finding, showing and steering them. Every verb keeps to the queues its principal may use.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createEventLog } from '../stream/log.ts'
import type { Job, JobInput } from './contract.ts'
import { answer, prepare, store } from './enqueue.ts'
import type { EnqueueOptions, Enqueued, Enqueuing } from './enqueue.ts'
import { enqueueMany } from './enqueue-many.ts'
import type { Bulk } from './enqueue-many.ts'
import { createFind } from './find.ts'
import { createGone } from './gone.ts'
import { searchOf } from './list.ts'
import type { ListQuery } from './list.ts'
import { logsOf, resultOf } from './outcome.ts'
import type { LogPage, Outcome } from './outcome.ts'
import { showJob } from './read.ts'
import { createPictures } from '../triage/picture.ts'
import { searchJobs } from './search.ts'
import type { JobPage } from './search.ts'
import type { JobsSearch } from './search-words.ts'
import { cancelJob, promoteJob, retryJob } from './steer.ts'
import type { RetryTerms } from './steer.ts'

export type { Bulk, EnqueueOptions, Enqueued, JobPage, ListQuery, LogPage, Outcome, RetryTerms }

/** All verbs fail with problems: `redis-unavailable` (refused) and `outcome-unknown` (sent, not answered) among them. */
export interface Jobs {
  /** Accepts one job. `created` is false when it was there already. Problems: `validation-failed`,
   *  `unknown-job-name`, `already-exists`. */
  enqueue(principal: Principal, input: JobInput, options?: EnqueueOptions): Promise<Enqueued>
  /** Accepts up to a thousand; with `atomic` none is stored when one is not valid. */
  enqueueMany(
    principal: Principal,
    body: { jobs: readonly JobInput[]; atomic: boolean },
    options?: EnqueueOptions,
  ): Promise<Bulk>
  /** The job that an address or a bare id means. Problems: `task-not-found`, `ambiguous-task-id` with `candidates`. */
  find(principal: Principal, taskId: string, queue?: string): Promise<Address>
  /** One job in full, its payload only for those who may see it. */
  show(principal: Principal, address: Address): Promise<Job>
  /** A page without payloads. Without `state` by creation, newest first; with it see `walk.ts`. */
  list(principal: Principal, query: ListQuery): Promise<JobPage>
  /** The same for a tree of terms. Problems: `insufficient-scope`, `validation-failed`, `invalid-cursor`. */
  search(principal: Principal, asked: JobsSearch): Promise<JobPage>
  /** Lines the job logged, oldest first. */
  logs(address: Address, page: { from: number; limit: number }): Promise<LogPage>
  /** The outcome, waited for up to `waitMs` (at most 25 s). */
  result(address: Address, waitMs: number, signal?: AbortSignal): Promise<Outcome>
  /** Cancels; `settled` is false for one that runs, which is told through its signal. */
  cancel(principal: Principal, address: Address, reason?: string): Promise<{ job: Job; settled: boolean }>
  promote(principal: Principal, address: Address): Promise<Job>
  /** Tries an ended or delayed job again; one more attempt unless counters are reset. */
  retry(principal: Principal, address: Address, terms?: RetryTerms): Promise<Job>
}

export interface JobsNeeds {
  bull: Bull
  catalog: Catalog
}

export const createJobs = (kernel: Kernel, { bull, catalog }: JobsNeeds): Jobs => {
  const reading = { kernel, bull, catalog, gone: createGone(kernel) }
  const searching = { ...reading, pictures: createPictures(kernel) }
  const steering = { ...reading, log: createEventLog(kernel) }
  const show = (principal: Principal, address: Address): Promise<Job> => showJob(reading, principal, address)
  const enqueuing: Enqueuing = { kernel, bull, catalog, show }
  const find = createFind(kernel, bull, reading.gone)
  return {
    async enqueue(principal, input, options = {}) {
      const ready = await prepare(enqueuing, principal, input, options)
      return answer(enqueuing, principal, ready, await store(enqueuing, ready))
    },
    enqueueMany: (principal, body, options = {}) => enqueueMany(enqueuing, principal, body, options),
    find: (principal, taskId, queue) => guardRedis(find(principal, taskId, queue), 'read'),
    show,
    list: (principal, query) => searchJobs(searching, principal, searchOf(query)),
    search: (principal, asked) => searchJobs(searching, principal, asked),
    logs: (address, { from, limit }) => logsOf(bull, kernel.redis, address, from, limit),
    result: (address, waitMs, signal) => resultOf(reading, address, waitMs, signal),
    cancel: (principal, address, reason) => cancelJob(steering, principal, address, reason),
    promote: (principal, address) => promoteJob(steering, principal, address),
    retry: (principal, address, terms) => retryJob(steering, principal, address, terms),
  }
}
