// Dead letters in words: why a job died, what the filter asks, and what resubmitting will do.
import type { z } from 'zod'
import type { DlqEntry, DlqQuery } from '../../../shared/dlq/contract.ts'
import { count, countOf } from '../../ui/format.ts'

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

type Query = z.input<typeof DlqQuery>

/** What to ask the API for: `queue:` and `error:` words, the rest is text in messages and ids. */
export const queryOf = (q: string, limit: number, cursor?: string): Query => {
  const words = q.split(/\s+/).filter((word) => word !== '')
  const values = (key: string): string[] =>
    words
      .filter((word) => word.startsWith(`${key}:`) && word.length > key.length + 1)
      .map((word) => word.slice(key.length + 1))
  const text = words.filter((word) => !/^(?:queue|name|error):/.test(word)).join(' ')
  const [queue, name, error] = [values('queue'), values('name'), values('error')]
  return {
    limit,
    ...(queue.length > 0 && { queue }),
    ...(name.length > 0 && { name }),
    ...(error.length > 0 && { error_class: error }),
    ...(text !== '' && { q: text }),
    ...(cursor !== undefined && { cursor }),
  }
}

interface Searched {
  searched: number
  complete: boolean
}

/** The honest line above the list. */
export const countLine = (shown: number, total: number | undefined, searched: Searched | undefined): string => {
  const of = total === undefined || total < shown ? '' : ` of ${count(total)}`
  const looked = searched && !searched.complete ? ` Looked through the newest ${count(searched.searched)}.` : ''
  return `${count(shown)}${of} ${(total ?? shown) === 1 ? 'dead letter' : 'dead letters'}, newest first.${looked}`
}

/** What resubmitting will do, told before it is done. */
export const resubmitWords = (entry: Pick<DlqEntry, 'queue' | 'attempts_made'>, queue: string): string =>
  queue === entry.queue || queue === ''
    ? `The same job runs again in ${entry.queue} with a fresh count of attempts; its history of ${countOf(entry.attempts_made, 'attempt')} stays.`
    : `A new job is made in ${queue}, then this dead letter leaves ${entry.queue}.`
