// Conditional requests (RFC 9110 §13): versions as entity tags, and what a change is conditional on.
import type { IncomingMessage } from 'node:http'
import { InvalidHeader } from '../../shared/kernel/problems.ts'

/** The header that tells the version of what is shown. */
export const etagOf = ({ version }: { version: number }): Record<string, string> => ({ ETag: `"${version}"` })

const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/

/** The versions that `If-Match` allows: `any` for `*`, undefined when it was not sent. Weak tags and those we never gave match
 *  nothing. */
export const ifMatch = ({ headers }: IncomingMessage): number[] | 'any' | undefined => {
  const given = headers['if-match']
  if (given === undefined) return undefined
  if (given.trim() === '*') return 'any'
  return given.split(',').map((text) => {
    const [, weak, tag] = TAG.exec(text.trim()) ?? malformed('If-Match')
    return weak === undefined && /^\d{1,15}$/.test(tag ?? '') ? Number(tag) : Number.NaN
  })
}

/** Whether the request is only for what is not there yet: `If-None-Match: *`. */
export const mustBeNew = ({ headers }: IncomingMessage): boolean => headers['if-none-match']?.trim() === '*'

const malformed = (header: string): never => {
  const detail = 'must be entity tags in double quotes, or *'
  throw InvalidHeader(`${header} ${detail}.`, {
    errors: [{ parameter: header, in: 'header', code: 'invalid_format', detail }],
  })
}
