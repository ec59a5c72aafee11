// Payloads of many jobs, none of them so long that reading it would hold up Redis or this process.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'

const payloadsScript = script(new URL('./payloads.lua', import.meta.url))

/** A longer one is not read. What the API takes is no longer. */
export const PAYLOAD_MAX = 262_144
/** Bytes of one call: Redis copies so much in a millisecond or two. */
const BYTES_AT_ONCE = 1_000_000

export interface Payload {
  /** Undefined where there is none, or it was not read. */
  readonly text: string | undefined
  /** Whether it is too long to be read. */
  readonly isLong: boolean
}

/** In the order asked. */
export const readPayloads = async (kernel: Kernel, prefix: string, ids: readonly string[]): Promise<Payload[]> => {
  const found: Payload[] = []
  while (found.length < ids.length) {
    const args = [PAYLOAD_MAX, BYTES_AT_ONCE, ...ids.slice(found.length)]
    const rows = (await payloadsScript(kernel.redis, [prefix], args)) as (string | number | null)[]
    for (const row of rows)
      found.push({ text: typeof row === 'string' ? row : undefined, isLong: typeof row === 'number' })
  }
  return found
}
