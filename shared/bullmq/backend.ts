// BullMQ's own producer side over the kernel's one connection: its scripts, its Queue and its FlowProducer objects.
import { FlowProducer, Queue, createRedisBackend } from 'bullmq'
import type { RedisQueueBackend } from 'bullmq'
import type { Kernel } from '../kernel/kernel.ts'

export interface Backend {
  readonly root: RedisQueueBackend
  /** BullMQ's object for a queue, one per name, without a connection of its own; never touches the queue's settings. */
  queue(name: string): Queue
  flow(): FlowProducer
  close(): Promise<void>
}

/** Nothing is sent when this is made: with Redis away the process still starts, and each call fails or waits by itself
 *  as its connection's role says. That is why BullMQ's version check and its wait for `ready` are left out. */
export const createBackend = (kernel: Kernel): Backend => {
  const options = {
    connection: kernel.redis,
    prefix: kernel.bullPrefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
  }
  const root = createRedisBackend('k1n', options)
  root.on('error', () => undefined)
  const queues = new Map<string, Queue>()
  let flows: FlowProducer | undefined
  const sibling = (name: string) => root.forQueue(name) as RedisQueueBackend
  const open = (name: string): Queue => {
    const queue = new Queue(name, { ...options, skipMetasUpdate: true }, () => sibling(name))
    queue.on('error', () => undefined)
    queues.set(name, queue)
    return queue
  }
  return {
    root,
    queue: (name) => queues.get(name) ?? open(name),
    flow: () => (flows ??= new FlowProducer(options, sibling)),
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
      await root.close().catch(() => undefined)
    },
  }
}
