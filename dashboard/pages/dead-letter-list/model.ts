// What a list of single dead letters says above itself.
import { count } from '../../ui/format.ts'

interface Searched {
  searched: number
  complete: boolean
  titles?: number
  indexed?: boolean
}

/** The honest line above the list. */
export const countLine = (shown: number, total: number | undefined, searched: Searched | undefined): string => {
  const of = total === undefined || total < shown ? '' : ` of ${count(total)}`
  return `${count(shown)}${of} ${(total ?? shown) === 1 ? 'dead letter' : 'dead letters'}, newest first.${searchedWords(searched)}`
}

/** How much was looked at, told wherever somebody searched. */
export const searchedWords = (searched: Searched | undefined): string => {
  if (!searched) return ''
  if (searched.complete) return ' All were searched.'
  const titles = searched.titles ? `, and the titles of ${count(searched.titles)} causes` : ''
  return ` Looked through ${searched.indexed === false ? '' : 'the newest '}${count(searched.searched)}${titles}.`
}
