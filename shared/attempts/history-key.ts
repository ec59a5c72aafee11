// Where the attempts of a job are kept: a hash, one field for each attempt.
import type { Kernel } from '../kernel/kernel.ts'

export const historyKey = (kernel: Kernel, address: string): string => kernel.key('attempts', 'of', address)
