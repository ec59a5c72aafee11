// Operations as a list: those that go on first, and how each is called.
import type { Operation } from '../../../shared/operations/words.ts'
import { count, countOf } from '../../ui/format.ts'
import { kindWords } from '../operation/kinds.ts'

const RANK: Partial<Record<Operation['status'], number>> = { paused: 0, running: 1, queued: 2 }

/** What rests and waits for somebody first, then what goes on, then what ended, the newest first of each. */
export const sortOperations = (list: readonly Operation[]): Operation[] =>
  [...list].sort(
    (one, other) =>
      (RANK[one.status] ?? 3) - (RANK[other.status] ?? 3) || Date.parse(other.created_at) - Date.parse(one.created_at),
  )

/** "Resubmitting 412 dead letters". */
export const titleWords = (operation: Pick<Operation, 'kind' | 'undoes' | 'progress'>): string => {
  const { doing, thing } = kindWords(operation)
  const { total } = operation.progress
  return total === null ? `${doing} ${thing}s` : `${doing} ${countOf(total, thing)}`
}

/** "11 done, 1 failed, 2 skipped". */
export const doneWords = ({ progress: { done, failed, skipped } }: Pick<Operation, 'progress'>): string =>
  [`${count(done)} done`, failed > 0 ? `${count(failed)} failed` : '', skipped > 0 ? `${count(skipped)} skipped` : '']
    .filter((part) => part !== '')
    .join(', ')
