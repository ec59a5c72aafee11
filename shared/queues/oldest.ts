// How long the next job of a queue has waited: the measure of a queue that is not worked off.
import type { Bull } from '../bullmq/bullmq.ts'
import { toRawJob } from '../bullmq/raw-job.ts'
import type { JobField } from '../bullmq/raw-job.ts'
import type { BullKeys } from '../bullmq/keys.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createReader } from '../kernel/reader.ts'
import type { Reader, Reading } from '../kernel/reader.ts'

const FIELDS: readonly JobField[] = ['name', 'timestamp', 'delay']

/** ms since the job at the head of each line was made; queues with nothing waiting are left out. The line without
 *  priorities is first in, first out, so its head is its oldest; of prioritized ones the next to run is taken. */
export const oldestWaiting = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  read: Reader = createReader(kernel.redis),
): Promise<Map<string, number>> => {
  const heads = await headsOf(bull, queues, read)
  const hashes = await read(
    heads.map(({ queue, id }) => ({ command: 'hmget', key: bull.keys(queue).job(id), args: FIELDS })),
  )
  const now = kernel.clock.now()
  const oldest = new Map<string, number>()
  heads.forEach(({ queue, id }, index) => {
    const job = toRawJob(queue, id, FIELDS, (hashes[index] ?? []) as (string | null)[])
    if (job) oldest.set(queue, Math.max(oldest.get(queue) ?? 0, now - job.timestamp - job.delay, 0))
  })
  return oldest
}

/** The heads of many are asked for again and again. */
const known = new WeakMap<BullKeys, readonly Reading[]>()
const readingsFor = (keys: BullKeys): readonly Reading[] => {
  const readings = known.get(keys) ?? readingsOf(keys)
  known.set(keys, readings)
  return readings
}
const readingsOf = ({ wait, legacyPaused, prioritized }: BullKeys): Reading[] => [
  { command: 'lindex', key: wait, args: [-1] },
  { command: 'lindex', key: legacyPaused, args: [-1] },
  { command: 'zrange', key: prioritized, args: [0, 0] },
]
const LINES = 3

const headsOf = async (
  bull: Bull,
  queues: readonly string[],
  read: Reader,
): Promise<{ queue: string; id: string }[]> => {
  const heads = await read(queues.flatMap((queue) => readingsFor(bull.keys(queue))))
  return queues.flatMap((queue, index) =>
    heads
      .slice(index * LINES, (index + 1) * LINES)
      .flatMap((head) => [head].flat().flatMap((id) => (typeof id === 'string' ? [{ queue, id }] : []))),
  )
}
