// What came of a job: its result, waited for if asked, and the lines it logged.
import type { z } from 'zod'
import type { Bull } from '../bullmq/bullmq.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { LogLine } from './contract.ts'
import { errorOf } from './error.ts'
import { JobMissing } from './problems.ts'
import type { Reading } from './read.ts'
import { currentState } from './state.ts'
import type { JobError, JobState } from './words.ts'

export type Outcome =
  | { done: true; body: { state: JobState; result?: unknown; error?: JobError } }
  | { done: false; body: { state: JobState } }

/** How often a waiting request looks; the first looks are closer together, as most jobs are short. */
const LOOK_MS = [20, 50, 100, 250] as const
const WAIT_MAX_MS = 25_000

const RESULT_FIELDS = [
  'name',
  'timestamp',
  'atm',
  'ats',
  'k1nPark',
  'failedReason',
  'stacktrace',
  'returnvalue',
  'k1nCancelled',
  'k1nReason',
  'k1nError',
] as const

/** Answers when the job has ended, when `waitMs` have passed, or when `signal` aborts. */
export const resultOf = async (
  reading: Reading,
  address: Address,
  waitMs: number,
  signal?: AbortSignal,
): Promise<Outcome> => {
  const { clock } = reading.kernel
  const until = clock.now() + Math.min(waitMs, WAIT_MAX_MS)
  for (let look = 0; ; look++) {
    const outcome = await readOutcome(reading, address)
    const left = until - clock.now()
    if (outcome.done || left <= 0 || signal?.aborted) return outcome
    await clock.sleep(Math.min(left, LOOK_MS[look] ?? 500), signal)
  }
}

const readOutcome = async ({ kernel, bull, gone }: Reading, address: Address): Promise<Outcome> => {
  const [stated] = await guardRedis(bull.readStated([address], RESULT_FIELDS), 'read')
  if (!stated) {
    const [record] = await guardRedis(gone.read([address]), 'read')
    if (!record) throw JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
    return { done: true, body: { state: record.state } }
  }
  const state = await guardRedis(currentState(kernel, stated), 'read')
  if (state === 'completed') return { done: true, body: { state, result: parseJson(stated.job.returnvalue) ?? null } }
  if (state !== 'failed' && state !== 'cancelled' && state !== 'expired') return { done: false, body: { state } }
  const error = errorOf(stated.job)
  return { done: true, body: { state, ...(error ? { error } : {}) } }
}

export interface LogPage {
  data: z.output<typeof LogLine>[]
  total: number
}

const LINE_MAX = 8_192

/** Lines from index `from` on, oldest first. */
export const logsOf = async (
  bull: Bull,
  redis: Reading['kernel']['redis'],
  address: Address,
  from: number,
  limit: number,
): Promise<LogPage> => {
  const key = bull.keys(address.queue).logs(address.id)
  const [lines, total] = await guardRedis(
    Promise.all([redis.lrange(key, from, from + limit - 1), redis.llen(key)]),
    'read',
  )
  return { data: lines.map((line, index) => ({ index: from + index, line: line.slice(0, LINE_MAX) })), total }
}
