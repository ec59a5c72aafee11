// What all of version 1 shares: epoch milliseconds, the envelope around every answer, and how a failure is told.
import type { Numbered } from '../paging.ts'
import { toOldPointer } from '../names.ts'
import type { Names } from '../names.ts'

/** Epoch milliseconds of an instant; null stays null. */
export const msOf = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant))

export const envelope = (data: unknown): unknown => ({ success: true, data, meta: {} })

export const listEnvelope = (data: unknown[], meta: Numbered['meta']): unknown => ({ success: true, data, meta })

const camel = (name: string): string => name.replace(/[_-]([a-z])/g, (_all, letter: string) => letter.toUpperCase())

/** Names of all levels in camel case. Only for what we wrote ourselves: the names in a payload are its owner's. */
const camelled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(camelled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), camelled(inner)]))
}

interface Mistake {
  pointer?: string
}

const inOldNames = (errors: unknown, names: Names): unknown =>
  Array.isArray(errors)
    ? (errors as Mistake[]).map((error) =>
        error.pointer === undefined ? error : { ...error, pointer: toOldPointer(names, error.pointer) },
      )
    : errors

/** A problem document as version 1 tells a failure: `code` is the same, `message` is for people, the rest are details. */
export const failure = ({ code, detail, ...rest }: Record<string, unknown>, names: Names = {}): unknown => {
  const { errors, ...details } = rest
  const mistakes = errors === undefined ? {} : { errors: inOldNames(errors, names) }
  return { success: false, error: { code, message: detail, details: camelled({ ...details, ...mistakes }) } }
}
