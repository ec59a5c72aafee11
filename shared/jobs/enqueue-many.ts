// Accepting many jobs at once: checking is all or nothing unless asked otherwise, storing is one by one.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { FieldError, Problem } from '../kernel/problem.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import type { BulkItem, JobInput } from './contract.ts'
import { prepare, store } from './enqueue.ts'
import type { EnqueueOptions, Enqueuing, Ready } from './enqueue.ts'

export interface Bulk {
  results: z.output<typeof BulkItem>[]
  summary: { total: number; succeeded: number; failed: number }
}

type Checked = { ready: Ready } | { problem: Problem }

/** Answers one result per job in the order given. With `atomic`, a job that is not valid refuses all of them before
 *  anything is stored. */
export const enqueueMany = async (
  room: Enqueuing,
  principal: Principal,
  { jobs, atomic }: { jobs: readonly JobInput[]; atomic: boolean },
  options: EnqueueOptions,
): Promise<Bulk> => {
  const checked = await Promise.all(
    jobs.map((job, index) =>
      orProblem(prepare(room, principal, job, { ...options, index }).then((ready): Checked => ({ ready }))),
    ),
  )
  if (atomic) refuseInvalid(checked)
  const results = await Promise.all(checked.map((item, index) => storeOne(room, item, index)))
  const succeeded = results.filter((result) => result.problem === undefined).length
  return { results, summary: { total: jobs.length, succeeded, failed: jobs.length - succeeded } }
}

const orProblem = async (work: Promise<Checked>): Promise<Checked> => {
  try {
    return await work
  } catch (error) {
    if (isProblem(error)) return { problem: error }
    throw error
  }
}

const storeOne = async (room: Enqueuing, item: Checked, index: number): Promise<Bulk['results'][number]> => {
  if ('problem' in item) return failed(index, item.problem)
  try {
    const stored = await store(room, item.ready)
    return { index, status: stored.as === 'made' ? 201 : 200, task_id: formatAddress(stored) }
  } catch (error) {
    if (isProblem(error)) return failed(index, error)
    throw error
  }
}

const failed = (index: number, problem: Problem): Bulk['results'][number] => {
  const { code, title, status, message: detail, extras } = problem
  return {
    index,
    status,
    problem: {
      ...{ code, title, status, detail },
      ...(extras.errors ? { errors: extras.errors } : {}),
      ...(extras.retryAfterMs === undefined ? {} : { retry_after_s: Math.ceil(extras.retryAfterMs / 1_000) }),
      ...extras.members,
    },
  }
}

const refuseInvalid = (checked: readonly Checked[]): void => {
  const problems = checked.flatMap((item, index) => ('problem' in item ? [{ index, problem: item.problem }] : []))
  const other = problems.find(({ problem }) => problem.kind !== 'invalid')
  if (other) throw other.problem
  if (problems.length === 0) return
  const errors = problems.flatMap(({ index, problem }) => (problem.extras.errors ?? []).map(inJob(index)))
  throw ValidationFailed(`${problems.length} of ${checked.length} jobs are not valid; nothing was stored.`, {
    errors: errors.slice(0, 50),
  })
}

const inJob =
  (index: number) =>
  (error: FieldError): FieldError => ({ ...error, pointer: `#/jobs/${index}${(error.pointer ?? '#').slice(1)}` })
