// The facts of a dead letter, without those that say nothing.
import type { DlqEntry } from '../../../shared/dlq/contract.ts'
import { countOf, shortId } from '../../ui/format.ts'

export interface Fact {
  label: string
  value: string
  at?: string
  /** The job it names. */
  of?: string
}

export const factsOf = (entry: DlqEntry): Fact[] => [
  { label: 'Job', value: shortId(entry.task_id.slice(entry.queue.length + 1), 16), of: entry.task_id },
  { label: 'Queue', value: entry.queue },
  { label: 'Attempts', value: countOf(entry.attempts_made, 'attempt') },
  { label: 'Added', value: '', at: entry.created_at },
  { label: 'Died', value: '', at: entry.added_at },
  ...(entry.tags.length > 0 ? [{ label: 'Tags', value: entry.tags.join(', ') }] : []),
]
