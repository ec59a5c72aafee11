// The kernel of a process that a test starts: on the prefix the test named in its environment.
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'

export const childKernel = (): Kernel => {
  const tag = process.env['K1N_TEST_TAG'] ?? 'k1n'
  return createKernel({ settings: readSettings(process.env), role: 'worker', tag, bullPrefix: `bull-${tag}` })
}
