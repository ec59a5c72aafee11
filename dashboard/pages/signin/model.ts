// What can be said about a key before and after asking the server.
import type { Failure } from '../../data/failure.ts'

/** Whether a text has the form of a key; whether it is one only the server knows. */
export const looksLikeKey = (text: string): boolean => /^k1n_(?:sk|wk|pk)_[\dA-Za-z]{38}$/.test(text.trim())

/** Why signing in did not work, in words for the form. */
export const refusalWords = (failure: Failure): string => {
  if (failure.status === 401) return 'This key is not known here, or it was revoked.'
  return failure.detail
}
