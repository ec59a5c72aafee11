// The ids of jobs that jobs make.
import { hashId } from '../kernel/ids.ts'

const LENGTH = 32

/** The id of a child: the same parent and key are the same job for ever. */
export const childId = (parent: { readonly queue: string; readonly id: string }, key: string | number): string =>
  `t_${hashId(LENGTH, 'child', parent.queue, parent.id, String(key))}`

/** Whether an id looks like that of a child; clients may give such ids too. */
export const mayBeChild = (jobId: string): boolean => /^t_[a-z2-7]{32}$/.test(jobId)
