// How far events have been recorded: whoever keeps what it counted asks here whether anything has happened since.
import type { Kernel } from '../kernel/kernel.ts'

/** Hash of the key of each queue's event stream to the position up to which the recorder has applied it. */
export const cursorsKey = (kernel: Kernel): string => kernel.key('recorder', 'cursors')

/** Held by the recorder that records, as long as it lives. */
export const leaseKey = (kernel: Kernel): string => kernel.key('recorder', 'lease')

export interface Progress {
  /** The position in each of the streams that were asked about. */
  readonly cursors: ReadonlyMap<string, string>
  /** Whether anybody records. */
  readonly isRecording: boolean
}

/** How far some streams have been recorded. */
export const readProgress = async (kernel: Kernel, streams: readonly string[]): Promise<Progress> => {
  const [positions, lease] = await Promise.all([
    kernel.redis.hmget(cursorsKey(kernel), ...streams),
    kernel.redis.exists(leaseKey(kernel)),
  ])
  const cursors = streams.flatMap((stream, index) => {
    const position = positions[index]
    return typeof position === 'string' ? [[stream, position] as const] : []
  })
  return { cursors: new Map(cursors), isRecording: lease === 1 }
}
