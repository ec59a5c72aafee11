// If-Match: a change only of the version that was read, RFC 9110 §13.1.1.
import type { IncomingMessage } from 'node:http'
import { InvalidHeader } from '../../shared/kernel/problems.ts'

/** The version a change is for; undefined for any. Versions are strong tags of whole numbers. */
export const ifMatch = ({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined => {
  const text = headers['if-match']
  if (text === undefined || text === '*') return undefined
  const version = /^"(\d{1,15})"$/.exec(text)?.[1]
  if (version === undefined) throw InvalidHeader('If-Match must be one version such as "3", in quotation marks.')
  return Number(version)
}
