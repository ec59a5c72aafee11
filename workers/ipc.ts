// What a worker process and its supervisor say to each other over their IPC channel.
import { z } from 'zod'

export const FromChild = z.discriminatedUnion('type', [
  /** The event loop turns. Sent every second. */
  z.object({ type: z.literal('alive') }),
  /** Every queue can be fetched from. */
  z.object({ type: z.literal('ready'), queues: z.array(z.string()).optional() }),
  /** It ends on purpose; `because` is how its end is to be recorded. */
  z.object({ type: z.literal('leaving'), because: z.string() }),
])
export type FromChild = z.output<typeof FromChild>

/** Tells the process that started this one. Without one, or when it has gone, nothing happens. */
export const tellParent = (message: Record<string, unknown>): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
