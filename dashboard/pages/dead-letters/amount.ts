// How many dead letters a preview speaks of, in words that claim no more than was counted.
import { count, countOf } from '../../ui/format.ts'
import type { BulkPreview } from '../../../shared/dlq/contract.ts'

type Counted = Pick<BulkPreview, 'matched' | 'complete'>

/** Whether there is certainly nothing to work on. */
export const isNone = ({ matched, complete }: Counted): boolean => complete && matched === 0

/** As in “Discard 12”. */
export const numberOf = (counted: Counted): string =>
  isUntold(counted) ? 'all' : `${atLeast(counted)}${count(counted.matched)}`

/** As in “Discarding 12 dead letters”. */
export const lettersOf = (counted: Counted): string =>
  isUntold(counted) ? 'all that match' : `${atLeast(counted)}${countOf(counted.matched, 'dead letter')}`

/** What was found, as the beginning of a sentence. */
export const foundWords = (counted: Counted): string => {
  if (isUntold(counted)) return 'None found so far, but not all were looked at'
  const words = lettersOf(counted)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** None was found in the time there was, which says nothing. */
const isUntold = ({ matched, complete }: Counted): boolean => !complete && matched === 0
const atLeast = ({ complete }: Counted): string => (complete ? '' : 'at least ')
