// What else can be done with a job beside running and cancelling it, why something cannot, and the job as code.
import type { Job } from '../../../shared/jobs/contract.ts'
import { readSpan } from '../../data/span.ts'
import { isRedacted } from './model.ts'

type Members = Record<string, unknown>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type Act = 'edit' | 'clone' | 'change' | 'skip' | 'remove'

export const actWords: Record<Act, { label: string; scope: 'jobs:write' | 'jobs:manage' | 'recovery:write' }> = {
  edit: { label: 'Edit and run again…', scope: 'jobs:write' },
  clone: { label: 'Clone…', scope: 'jobs:write' },
  change: { label: 'Change priority or time…', scope: 'jobs:manage' },
  skip: { label: 'Skip…', scope: 'jobs:manage' },
  remove: { label: 'Delete…', scope: 'jobs:manage' },
}

const LINES: readonly Job['state'][] = ['waiting', 'prioritized', 'delayed', 'parked']

/** What a job must have permission for: one that is a dead letter is edited as such. */
export const scopeOf = (act: Act, { dlq_id }: Pick<Job, 'dlq_id'>): 'jobs:write' | 'jobs:manage' | 'recovery:write' =>
  act === 'edit' && dlq_id !== null ? 'recovery:write' : actWords[act].scope

/** A dead letter is edited as such, whoever may see its payload. */
const cannotEdit = ({ data, dlq_id }: Pick<Job, 'data' | 'dlq_id'>): string | undefined => {
  if (dlq_id !== null) return undefined
  if (isRedacted(data)) return 'Its payload is not shown: needs jobs:data'
  return isMembers(data) ? undefined : 'Its payload is no object'
}

/** Why a job in its state cannot be dealt with so; undefined when it can. */
export const refusal = (act: Act, job: Pick<Job, 'state' | 'data' | 'dlq_id'>): string | undefined => {
  const { state } = job
  if (act === 'change') return LINES.includes(state) ? undefined : 'It does not wait to be started'
  if (act === 'remove') return state === 'active' ? 'It runs; cancel it first' : undefined
  if (act === 'edit') return cannotEdit(job)
  if (act === 'skip' && !LINES.includes(state) && state !== 'failed' && state !== 'waiting_children')
    return 'Nothing of it is left to skip'
  return undefined
}

export const priorities = [
  { value: '', label: 'As it is' },
  { value: 'critical', label: 'Critical' },
  { value: 'high', label: 'High' },
  { value: 'normal', label: 'Normal' },
  { value: 'low', label: 'Low' },
] as const
export type PriorityChoice = (typeof priorities)[number]['value']

const DELAY_MAX_MS = 31_536_000_000

export interface Change {
  body: { priority?: Exclude<PriorityChoice, ''>; delay_ms?: number }
  error?: string
}

/** What another priority and delay come to; an empty delay leaves the time as it is. */
export const readChange = (priority: PriorityChoice, delay: string): Change => {
  const read = readSpan(delay, { min: 0, max: DELAY_MAX_MS, optional: true })
  return {
    body: {
      ...(priority !== '' && { priority }),
      ...('value' in read && read.value !== null && { delay_ms: read.value }),
    },
    ...('error' in read && { error: read.error }),
  }
}

/** A payload with a JSON merge patch (RFC 7396) applied. */
export const patched = (payload: unknown, patch: Members): Members => {
  const known = isMembers(payload) ? payload : {}
  const entries = Object.entries(patch).flatMap(([name, value]): [string, unknown][] => {
    if (value === null) return []
    const before = Object.hasOwn(known, name) ? known[name] : undefined
    return [[name, isMembers(value) ? patched(before, value) : value]]
  })
  const kept = Object.entries(known).filter(([name]) => !Object.hasOwn(patch, name))
  return Object.fromEntries([...kept, ...entries])
}

/** The request that enqueues a job like this one. */
export const inputOf = (job: Job, data: unknown = job.data): Members => ({
  name: job.name,
  queue: job.queue,
  data: data ?? {},
  ...(job.priority > 0 && { options: { priority: job.priority } }),
})

/** Code that enqueues the same job again, for any JavaScript with `fetch`. */
export const asCode = (job: Job, origin: string): string =>
  [
    `const response = await fetch('${origin}/api/v2/jobs', {`,
    "  method: 'POST',",
    "  headers: { authorization: `Bearer ${process.env.K1N_KEY}`, 'content-type': 'application/json' },",
    `  body: JSON.stringify(${JSON.stringify(inputOf(job))}),`,
    '})',
    'if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)',
    'const job = await response.json()',
  ].join('\n')
