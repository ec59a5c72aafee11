// Query strings, flat and bounded: repeated names become lists, nothing nests.
import { InvalidParameter, UriTooLong } from '../../shared/kernel/problems.ts'

const PARAMETERS_MAX = 50
/** Longest path and query together, in characters. */
export const URI_MAX = 8_192

/** Refuses an address no route could need. */
export const refuseLongUri = (url: string): void => {
  if (url.length > URI_MAX) throw UriTooLong(`The address may be ${URI_MAX} characters long.`)
}

/** Names to values; a name that comes twice holds a list. The object has no prototype that a name could reach. */
export const parseQuery = (text: string): Record<string, string | string[]> => {
  const result = Object.create(null) as Record<string, string | string[]>
  if (text === '') return result
  let count = 0
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > PARAMETERS_MAX) throw InvalidParameter(`At most ${PARAMETERS_MAX} query parameters are read.`)
    const before = result[name]
    result[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return result
}
