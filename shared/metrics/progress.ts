// How far events have been recorded: whoever keeps what it counted asks here whether anything has happened since.
import type { Kernel } from '../kernel/kernel.ts'

/** Hash of the key of each queue's event stream to the position up to which the recorder has applied it. */
export const cursorsKey = (kernel: Kernel): string => kernel.key('recorder', 'cursors')
