// Entries nobody could read: kept with where they stood, so that one of them never holds up the others.
import type { Kernel } from '../kernel/kernel.ts'
import type { Ops } from './ops.ts'

const KEPT = 1_000
const LENGTH_MAX = 4_096

/** The stream of the newest 1,000 such entries. */
export const malformedKey = (kernel: Kernel): string => kernel.key('recorder', 'malformed')

/** Keeps what an entry held: its text, or its fields. */
export const setAside = (kernel: Kernel, ops: Ops, stream: string, id: string, held: unknown): void => {
  kernel.log.warn('an entry makes no sense and was set aside', { stream, id })
  const text = typeof held === 'string' ? held : JSON.stringify(held)
  const entry = ['stream', stream, 'id', id, 'fields', text.slice(0, LENGTH_MAX)]
  ops.write('XADD', malformedKey(kernel), 'MAXLEN', '~', KEPT, '*', ...entry)
}
