// Figures as the recorder counts them: in the minute and in the wider slots it is in.
import type { Kernel } from '../../shared/kernel/kernel.ts'
import type { KeyOf } from '../../shared/metrics/buckets.ts'
import { WIDTHS_MS, slotNo } from '../../shared/metrics/slots.ts'

/** Counts at each of some moments. */
export const countAt = async (
  kernel: Kernel,
  keyOf: KeyOf,
  moments: readonly number[],
  counts: Readonly<Record<string, number>>,
): Promise<void> => {
  const pipeline = kernel.redis.pipeline()
  for (const at of moments)
    for (const width of WIDTHS_MS)
      for (const [field, by] of Object.entries(counts))
        pipeline.hincrby(keyOf(kernel, slotNo(at, width), width), field, by)
  await pipeline.exec()
}
