// The note of where a dead letter went that was resubmitted to another queue.
import type { Kernel } from '../kernel/kernel.ts'

/** `id` is the dead letter's; the value is the address it lives on under. */
export const movedKey = (kernel: Kernel, id: string): string => kernel.key('dlq', 'moved', id)
