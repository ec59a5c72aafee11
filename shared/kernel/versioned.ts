// Records as Redis has them, `<version> <JSON>`: read by their schema, and those that cannot be read are said aloud.
import type { z } from 'zod'
import type { Kernel } from './kernel.ts'

/** A record with its version, which is another one after every change. */
export type Versioned<Value> = Value & { version: number }

/** Ids and versions that were said; beyond it they are said once more. */
const SAID_MAX = 10_000
/** One for each process, however many stores it has. */
const said = new WeakMap<Kernel, Set<string>>()

/** Reads records of one kind. Answers undefined for one that another version of k1n wrote and this one cannot read, or that is
 *  broken; the log tells it once for each id and version. */
export const versioned =
  <Value extends object>(kernel: Kernel, kind: string, schema: z.ZodType<Value>) =>
  (id: string, text: string): Versioned<Value> | undefined => {
    const space = text.indexOf(' ')
    const version = Number(text.slice(0, space))
    const { data, error } = schema.safeParse(jsonOf(text.slice(space + 1)))
    if (data !== undefined) return { ...data, version }
    const members = error?.issues.map(({ path }) => path.join('.')) ?? []
    if (isNew(kernel, `${kind} ${id} ${version}`))
      kernel.log.warn('a record cannot be read and is left out', { kind, id, version, members })
    return undefined
  }

/** Undefined for what is no JSON. What is wrong with it is not said: it may be a piece of a secret. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isNew = (kernel: Kernel, what: string): boolean => {
  const known = said.get(kernel) ?? new Set<string>()
  if (known.has(what)) return false
  said.set(kernel, known.size < SAID_MAX ? known.add(what) : new Set([what]))
  return true
}
