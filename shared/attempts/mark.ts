// Marks of ours in the hash of a job, which is BullMQ's: set and taken off in one step, and only while the job is there.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'

const mark = script(new URL('./mark.lua', import.meta.url))

/** Sets fields of the job's hash and takes `off` one. */
export const markJob = async (
  { redis }: Pick<Kernel, 'redis'>,
  hash: string,
  fields: Readonly<Record<string, string>>,
  off?: string,
): Promise<void> => {
  await mark(redis, [hash], [...Object.entries(fields).flat(), ...(off === undefined ? [] : [off])])
}
