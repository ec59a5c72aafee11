// The recorder's reader of one queue: what it costs to follow jobs. Looking for queues has a pace of its own, whatever
// happens in them, and is measured at rest.
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import { openBlocking } from '../../shared/kernel/blocking.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createMemory } from '../../shared/recorder/memory.ts'
import { createReader } from '../../shared/recorder/reader.ts'
import type { RecorderStore } from '../../shared/recorder/store.ts'
import { createWriter } from '../../shared/recorder/writes.ts'
import { createDeadIndex } from '../../shared/triage/dead-index.ts'

/** Makes a function that records everything there is of a queue and answers how many events that were. */
export const followQueue = (
  kernel: Kernel,
  bull: Bull,
  store: RecorderStore,
  queue: string,
): (() => Promise<number>) => {
  const reader = createReader({
    ...{ kernel, bull, store, memory: createMemory(), writer: createWriter(kernel), index: createDeadIndex(kernel) },
    ...{
      connection: openBlocking(kernel, 'k1n-recorder'),
      attempts: async () => 0,
      cursors: new Map<string, string>(),
    },
  })
  reader.follow([queue])
  return async () => {
    await store.acquire()
    let total = 0
    for (let count = 1; count > 0; total += count) count = await reader.turn(1)
    return total
  }
}
