// Jobs: accepting, finding, showing and steering them. Every verb keeps to the queues its principal may use.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Retold } from '../bullmq/receipt.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createEventLog } from '../stream/log.ts'
import { changeJob, deleteJob, skipJob } from './change.ts'
import { cloneJob } from './clone.ts'
import type { CloneRequest, Job, JobInput, JobPatch, JobTree } from './contract.ts'
import { answer, prepare, store } from './enqueue.ts'
import type { Adding, EnqueueOptions, Enqueued, Enqueuing } from './enqueue.ts'
import { enqueueMany } from './enqueue-many.ts'
import type { Bulk } from './enqueue-many.ts'
import { createFind, createLocate } from './find.ts'
import { createGone } from './gone.ts'
import { searchOf } from './list.ts'
import type { ListQuery } from './list.ts'
import { createLookMany } from './look-many.ts'
import { logsOf, resultOf } from './outcome.ts'
import type { LogPage, Outcome } from './outcome.ts'
import { showJob } from './read.ts'
import { retell } from './retell.ts'
import type { Told } from './retell.ts'
import { readTree } from './tree.ts'
import { createSearching } from './way.ts'
import { searchJobs } from './search.ts'
import type { JobPage } from './search.ts'
import type { JobsSearch } from './search-words.ts'
import { cancelJob, promoteJob, retryJob } from './steer.ts'
import type { RetryTerms } from './steer.ts'

export type { Adding, Bulk, EnqueueOptions, Enqueued, JobPage, ListQuery, LogPage, Outcome, RetryTerms }

/** All verbs fail with problems: `redis-unavailable` (refused) and `outcome-unknown` (sent, not answered) among them. */
export interface Jobs {
  /** Accepts one job. `created` is false when it was there already. Problems: `validation-failed`,
   *  `unknown-job-name`, `already-exists`. */
  enqueue(principal: Principal, input: JobInput, options?: EnqueueOptions): Promise<Enqueued>
  /** Tells a request that was carried out again, from what was kept of it. */
  retell(principal: Principal, input: JobInput, told: Told): Retold<Job>
  /** Accepts up to a thousand; with `atomic` none is stored when one is not valid. */
  enqueueMany(
    principal: Principal,
    body: { jobs: readonly JobInput[]; atomic: boolean },
    options?: EnqueueOptions,
  ): Promise<Bulk>
  /** The job that an address or a bare id means. Problems: `task-not-found`, `ambiguous-task-id` with `candidates`. */
  find(principal: Principal, taskId: string, queue?: string): Promise<Address>
  /** The same for whoever reads the job next and says himself that there is none, as `show` and the verbs that steer do:
   *  where only one place is possible Redis is not asked. */
  locate(principal: Principal, taskId: string, queue?: string): Promise<Address>
  /** One job in full, its payload only for those who may see it. */
  show(principal: Principal, address: Address): Promise<Job>
  /** The same for those who are told of it again and again: a payload or result of more than 64 Ki characters is left out. */
  glance(principal: Principal, address: Address): Promise<Job>
  /** The jobs below one, so many generations, at most 200 in all. Problem: `task-not-found`. */
  tree(principal: Principal, address: Address, depth: number): Promise<JobTree>
  /** A page without payloads. Without `state` by creation, newest first; with it see `walk.ts`. */
  list(principal: Principal, query: ListQuery): Promise<JobPage>
  /** The same for a tree of terms. Problems: `insufficient-scope`, `validation-failed`, `invalid-cursor`. */
  search(principal: Principal, asked: JobsSearch): Promise<JobPage>
  /** Lines the job logged, oldest first. */
  logs(address: Address, page: { from: number; limit: number }): Promise<LogPage>
  /** The outcome, waited for up to `waitMs` (at most 25 s). */
  result(address: Address, waitMs: number, signal?: AbortSignal): Promise<Outcome>
  /** Cancels; `settled` is false for one that runs, which is told through its signal. */
  cancel(
    principal: Principal,
    address: Address,
    reason?: string,
    forceAfterMs?: number,
  ): Promise<{ job: Job; settled: boolean }>
  promote(principal: Principal, address: Address): Promise<Job>
  /** Tries an ended or delayed job again; one more attempt unless counters are reset. */
  retry(principal: Principal, address: Address, terms?: RetryTerms): Promise<Job>
  /** Takes a job that does not run out of its queue for good, and keeps a record of it. */
  skip(principal: Principal, address: Address, reason?: string): Promise<Job>
  /** Another priority or time for one that has not started. */
  change(principal: Principal, address: Address, patch: JobPatch): Promise<Job>
  /** Removes a job that does not run, without a record. */
  remove(principal: Principal, address: Address): Promise<void>
  /** Enqueues a new job like this one. */
  clone(principal: Principal, address: Address, request: CloneRequest, idempotencyKey?: string): Promise<Job>
}

export interface JobsNeeds {
  bull: Bull
  catalog: Catalog
}

export const createJobs = (kernel: Kernel, { bull, catalog }: JobsNeeds): Jobs => {
  const reading = { kernel, bull, catalog, gone: createGone(kernel) }
  const searching = createSearching(reading)
  const steering = { ...reading, log: createEventLog(kernel) }
  const show = (principal: Principal, address: Address): Promise<Job> => showJob(reading, principal, address)
  const glance: Jobs['glance'] = (principal, address) => showJob(reading, principal, address, 'brief')
  const enqueuing: Enqueuing = { kernel, bull, catalog, show }
  const find = createFind(kernel, bull, reading.gone)
  const locate = createLocate(find)
  const changing = { steering, look: createLookMany({ bull, gone: reading.gone, find }) }
  return {
    async enqueue(principal, input, options = {}) {
      const ready = await prepare(enqueuing, principal, input, options)
      return answer(enqueuing, principal, ready, await store(enqueuing, ready, options.claim))
    },
    retell: (principal, input, told) => retell(enqueuing, principal, input, told),
    enqueueMany: (principal, body, options = {}) => enqueueMany(enqueuing, principal, body, options),
    find: (principal, taskId, queue) => guardRedis(find(principal, taskId, queue), 'read'),
    locate: (principal, taskId, queue) => guardRedis(locate(principal, taskId, queue), 'read'),
    show,
    glance,
    tree: (principal, address, depth) => guardRedis(readTree(reading, principal, address, depth), 'read'),
    list: (principal, query) => searchJobs(searching, principal, searchOf(query)),
    search: (principal, asked) => searchJobs(searching, principal, asked),
    logs: (address, { from, limit }) => logsOf(bull, kernel.redis, address, from, limit),
    result: (address, waitMs, signal) => resultOf(reading, address, waitMs, signal),
    cancel: (principal, address, reason, forceAfterMs) => cancelJob(steering, principal, address, reason, forceAfterMs),
    promote: (principal, address) => promoteJob(steering, principal, address),
    retry: (principal, address, terms) => retryJob(steering, principal, address, terms),
    skip: (principal, address, reason) => skipJob(changing, principal, address, reason),
    change: (principal, address, patch) => changeJob(changing, principal, address, patch),
    remove: (principal, address) => deleteJob(changing, principal, address),
    clone: (principal, address, request, key) => cloneJob(steering, principal, address, request, key),
  }
}
