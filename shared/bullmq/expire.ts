// Times by which jobs must have started: noted beside the queue, and kept by a script that ends those that did not.
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

const expireScript = script(new URL('./expire.lua', import.meta.url))
const forgetScript = script(new URL('./forget-expiry.lua', import.meta.url))

/** What is kept of jobs that expired: in the field that marks those that were cancelled, and as the reason of their failure. */
export interface Expiring {
  readonly mark: string
  readonly reason: string
}

/** Jobs that one script looks at. */
const SLICE = 100

/** Notes by when a job must start. To be called before the job is added: a note without a job is forgotten when it is due. */
export const noteExpiry = async ({ redis }: Kernel, keys: BullKeys, { id }: Address, at: number): Promise<void> => {
  await redis.zadd(keys.expiries, at, id)
}

/** Forgets a note whose job was refused: it would lie there until it is due, up to a year. */
export const forgetExpiry = async ({ redis }: Kernel, keys: BullKeys, { id }: Address): Promise<void> => {
  await forgetScript(redis, [keys.expiries, keys.job(id)], [id])
}

/** Ends jobs that are due, one slice; answers whether there may be more, and who expired. */
export const expireDue = async (
  { redis, clock }: Kernel,
  keys: BullKeys,
  { mark, reason }: Expiring,
): Promise<{ more: boolean; expired: string[] }> => {
  const places = [keys.prefix, keys.expiries, keys.failed, keys.meta, keys.events]
  const answer = await expireScript(redis, places, [clock.now(), SLICE, mark, reason])
  const [looked, ...expired] = answer as [number, ...string[]]
  return { more: looked > 0, expired }
}
