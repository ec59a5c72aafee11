// Everything the decision looks at. What was not looked up is undefined, and nothing is said of it then.
import type { Attempt } from '../attempts/contract.ts'
import type { ChildrenOf, Circumstances, Crew, StatedJob } from '../bullmq/bullmq.ts'
import type { Parking, StoredState } from '../jobs/state.ts'
import type { QueueAround } from '../queues/around.ts'
import type { Exit, WorkerInfo } from '../workers/registry.ts'

/** What every list of jobs knows of each of them. `now` is epoch milliseconds. */
export interface Facts {
  readonly now: number
  readonly stated: StatedJob
  readonly state: StoredState
  readonly parking: Parking | undefined
  readonly around: QueueAround | undefined
  readonly more?: MoreFacts
}

/** What is looked up for one job. */
export interface MoreFacts {
  readonly circumstances: Circumstances
  /** Of a job that waits for children. */
  readonly children: ChildrenOf | undefined
  /** Who holds connections to the queue. */
  readonly crew: Crew
  /** Processes of ours that work on the queue. */
  readonly processes: readonly WorkerInfo[]
  /** Of a job that one of our processes took. */
  readonly runner: Runner | undefined
  /** Jobs of the queue that ended per minute, over the last minutes. */
  readonly outPerMin: number
  readonly memory: Memory
  /** How the last start of the job ended, where it was recorded. */
  readonly last: Attempt | undefined
}

/** A worker process: when it was last heard of, and how it ended if somebody saw it. */
export interface Runner {
  readonly seenAt: number | undefined
  readonly exit: Exit | undefined
}

/** `maxBytes` is 0 where Redis may take all there is; `refuses` tells that it refuses writes beyond, rather than remove keys. */
export interface Memory {
  readonly usedBytes: number
  readonly maxBytes: number
  readonly refuses: boolean
}
