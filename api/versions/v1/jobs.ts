// Jobs and queues as version 1 shows them.
import { z } from 'zod'
import type { Job } from '../../../shared/jobs/contract.ts'
import type { JobState } from '../../../shared/jobs/words.ts'
import type { Queue } from '../../../shared/queues/contract.ts'
import { moment } from '../names.ts'
import type { Names } from '../names.ts'
import { msOf } from './words.ts'

/** The states of version 1, and those of today that each stands for. */
const STATES = {
  waiting: ['waiting', 'prioritized', 'waiting_children'],
  delayed: ['delayed', 'parked'],
  active: ['active'],
  completed: ['completed'],
  failed: ['failed', 'cancelled', 'expired', 'skipped'],
} as const satisfies Record<string, readonly JobState[]>
type OldState = keyof typeof STATES

const ofToday = new Map<string, OldState>(
  Object.entries(STATES).flatMap(([old, today]) => today.map((state) => [state, old as OldState])),
)

/** `unknown` for a state that version 1 has no word for. */
export const stateOf = (state: string): OldState | 'unknown' => ofToday.get(state) ?? 'unknown'

export const errorOf = (error: Job['error']): unknown =>
  error === undefined ? null : { name: error.name, message: error.message, code: error.code ?? null }

export const jobOf = (job: Job): unknown => ({
  taskId: job.id,
  queue: job.queue,
  name: job.name,
  state: stateOf(job.state),
  ...('data' in job ? { data: job.data } : {}),
  ...('result' in job ? { result: job.result } : {}),
  error: errorOf(job.error),
  progress: job.progress,
  priority: job.priority,
  delay: job.delay_ms,
  attempts: job.attempts_made,
  maxAttempts: job.attempts_max,
  createdAt: msOf(job.created_at),
  runAt: msOf(job.run_at),
  startedAt: msOf(job.processed_at),
  finishedAt: msOf(job.finished_at),
  workerId: job.worker_id,
  tags: job.tags,
  metadata: job.metadata,
})

/** What a new job is given. */
export const jobNames: Names = {
  taskId: 'id',
  options: {
    to: 'options',
    inner: {
      delay: 'delay_ms',
      runAt: moment('run_at'),
      timeout: 'timeout_ms',
      removeOnComplete: 'remove_on_complete',
    },
  },
}

export const jobFilters = {
  state: z.enum(Object.keys(STATES) as [OldState, ...OldState[]]).optional(),
  queue: z.string().max(256).optional(),
  name: z.string().max(128).optional(),
}

type JobFilters = { [Name in keyof typeof jobFilters]: z.output<(typeof jobFilters)[Name]> }

export const jobQuery = ({ state, queue, name }: JobFilters) => ({
  state: state === undefined ? [] : STATES[state],
  queue: queue === undefined ? [] : [queue],
  name: name === undefined ? [] : [name],
})

export const queueOf = ({ name, paused, counts, workers }: Queue): unknown => ({
  name,
  paused,
  counts: {
    waiting: counts.waiting + counts.prioritized + counts.waiting_children,
    delayed: counts.delayed,
    active: counts.active,
    completed: counts.completed,
    failed: counts.failed,
  },
  workers,
})
