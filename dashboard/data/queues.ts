// The queues as the newest known; every page that shows one reads it here.
import type { Queue } from '../../shared/queues/contract.ts'
import { api } from './api.ts'
import { Collection } from './entities.ts'
import { live } from './live/index.ts'

export const queues = new Collection<Queue>()

const byName = (list: readonly Queue[]): Map<string, Queue> => new Map(list.map((queue) => [queue.name, queue]))

/** Fetches all queues; throws what the API answers. */
export const loadQueues = async (signal: AbortSignal): Promise<Queue[]> => {
  const { data } = await api.queues.list({ signal })
  queues.replace(byName(data))
  return data
}

/** Keeps the queues fresh by the stream. Answers how to stop. */
export const followQueues = (): (() => void) =>
  live.state('state:queues', (rows) => queues.replace(rows as ReadonlyMap<string, Queue>))
