// How dealing with one job can fail.
import { problem } from '../kernel/problem.ts'

export const JobMissing = problem('task-not-found', 'missing', 'There is no such job.')
export const AmbiguousTaskId = problem('ambiguous-task-id', 'conflict', 'Several queues have a job with this id.')
export const JobNotInState = problem('job-not-in-state', 'conflict', 'The job is not in a state that allows this.')
export const JobLocked = problem('job-locked', 'conflict', 'A worker holds the job right now.')
export const JobExists = problem('already-exists', 'conflict', 'Something with this id exists already.')
export const HasPendingChildren = problem('has-pending-children', 'conflict', 'The job still waits for its children.')
export const SchedulerOwned = problem('scheduler-owned-job', 'conflict', 'The job belongs to a schedule.')
export const ParentMissing = problem('parent-not-found', 'invalid', 'The parent job does not exist.')
export const UnknownJobName = problem('unknown-job-name', 'invalid', 'No handler and no queue takes this job.')
export const QueueFull = problem('queue-full', 'limited', 'The queue takes no more jobs right now.')
