// Keeping a remark with a dead letter: one script, so that it never lands on a job that lives again.
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

const remarkScript = script(new URL('./remark.lua', import.meta.url))

/** Writes a remark into a dead letter that lies there since `finishedOn` (whenever when undefined); false when it does not. */
export const remark = async (
  kernel: Kernel,
  keys: BullKeys,
  { id }: Address,
  finishedOn: number | undefined,
  text: string,
): Promise<boolean> =>
  (await remarkScript(kernel.redis, [keys.job(id), keys.failed], [id, finishedOn ?? '', text])) === 1
