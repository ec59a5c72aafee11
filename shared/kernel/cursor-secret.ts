// What cursors are signed with.
import { createHash } from 'node:crypto'
import type { Kernel } from './kernel.ts'

const secrets = new WeakMap<Kernel, string>()

/** The same in every process of an installation, so that a page may be asked of any of them. */
export const cursorSecret = (kernel: Kernel): string => {
  const known = secrets.get(kernel)
  if (known) return known
  const seed = kernel.settings.K1N_ADMIN_KEY ?? kernel.key('cursor')
  const secret = createHash('sha256').update(`cursor:${seed}`).digest('hex')
  secrets.set(kernel, secret)
  return secret
}
