// A dead letter in words: why it died, what resubmitting will do, and its facts without those that say nothing.
import type { DlqEntry } from '../../../shared/dlq/contract.ts'
import { countOf, shortId } from '../../ui/format.ts'

const reasons: Record<DlqEntry['reason'], string> = {
  exhausted: 'all attempts failed',
  permanent: 'another attempt would not have helped',
  timeout: 'it took too long',
  poison: 'it killed its worker',
  stalled: 'its workers went away',
  unknown: 'for a reason k1n did not see',
}

/** Why it died, to follow "Died because …". */
export const reasonWords = (reason: DlqEntry['reason']): string => reasons[reason]

/** What resubmitting will do, told before it is done. */
export const resubmitWords = (entry: Pick<DlqEntry, 'queue' | 'attempts_made'>, queue: string): string =>
  queue === entry.queue || queue === ''
    ? `The same job runs again in ${entry.queue} with a fresh count of attempts; its history of ${countOf(entry.attempts_made, 'attempt')} stays.`
    : `A new job is made in ${queue}, then this dead letter leaves ${entry.queue}.`

/** Tags as they are typed, each once. */
export const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
]

export interface Fact {
  label: string
  value: string
  at?: string
  /** The job it names. */
  of?: string
  /** The group it names. */
  group?: string
}

export const factsOf = (entry: DlqEntry): Fact[] => [
  { label: 'Job', value: shortId(entry.task_id.slice(entry.queue.length + 1), 16), of: entry.task_id },
  { label: 'Queue', value: entry.queue },
  { label: 'Attempts', value: countOf(entry.attempts_made, 'attempt') },
  { label: 'Added', value: '', at: entry.created_at },
  { label: 'Died', value: '', at: entry.added_at },
  ...(entry.group === null ? [] : [{ label: 'Cause', value: entry.group, group: entry.group }]),
  ...(entry.version === null ? [] : [{ label: 'Version', value: entry.version }]),
  ...(entry.note === null ? [] : [{ label: 'Note', value: entry.note }]),
  ...(entry.tags.length > 0 ? [{ label: 'Tags', value: entry.tags.join(', ') }] : []),
]
