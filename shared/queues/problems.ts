// How dealing with a queue can fail.
import { problem } from '../kernel/problem.ts'

export const QueueMissing = problem('queue-not-found', 'missing', 'There is no such queue.')
export const QueueReserved = problem('queue-reserved', 'conflict', 'k1n itself works with this queue.')
export const QueueObserved = problem('queue-observed', 'conflict', 'The queue is only observed.')
export const QueueBusy = problem('queue-busy', 'conflict', 'Jobs of the queue are running.')
