// What a schema found wrong, as the errors of a problem document: one for each field, by its JSON pointer.
import type { ZodError } from 'zod'
import type { FieldError } from './problem.ts'

/** Errors told at most; a body can hold thousands of mistakes. */
export const ERRORS_MAX = 50

/** A JSON pointer (RFC 6901) as a URI fragment. */
export const pointer = (path: readonly PropertyKey[]): string =>
  '#' + path.map((part) => '/' + encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))).join('')

export interface Mistake {
  path: PropertyKey[]
  code: string
  detail: string
}

/** One mistake for each unknown member, so that every mistake names its field. */
export const mistakesOf = (error: ZodError): Mistake[] =>
  error.issues.slice(0, ERRORS_MAX).flatMap((issue): Mistake[] => {
    const { path, code, message } = issue
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key], code, detail: 'is not known here' }))
    return [{ path, code, detail: issue.code === 'invalid_union' ? eitherOf(issue.errors, message) : message }]
  })

/** A union says no more than that nothing fits; what each of its branches wanted says what to send. */
const eitherOf = (branches: readonly (readonly { message: string }[])[], message: string): string =>
  [...new Set(branches.flat().map((issue) => issue.message))].join('; or: ') || message

/** Text of a client that a reply may carry. */
export const wellFormed = (text: string): string => text.toWellFormed().slice(0, 300)

/** The errors of a part of a body that does not fit its schema; `at` is where the part lies in the body. */
export const fieldErrors = (error: ZodError, at: readonly PropertyKey[] = []): FieldError[] =>
  mistakesOf(error)
    .slice(0, ERRORS_MAX)
    .map(({ path, code, detail }) => ({
      pointer: pointer([...at, ...path].map((part) => (typeof part === 'string' ? wellFormed(part) : part))),
      code,
      detail: wellFormed(detail),
    }))
