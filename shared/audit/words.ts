// Entries of the audit in plain words: whether one changed a setting, and member by member what became of it.
import type { AuditEntry } from './contract.ts'

/** What is done to one thing and changes no setting; a note is told by itself. */
const ACTS: ReadonlySet<string> = new Set([
  'annotation',
  'batch',
  'dead_letter',
  'delivery',
  'event',
  'job',
  'operation',
  'session',
])

/** Whether what was changed is a setting, and not one job, dead letter or delivery. */
export const isSetting = ({ target }: Pick<AuditEntry, 'target'>): boolean => !ACTS.has(target.kind)

/** One member of a thing, before and after. */
export interface Difference {
  path: string
  before: string | undefined
  after: string | undefined
}

const isThing = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0

const leaves = (value: unknown, path = ''): [string, string][] =>
  isThing(value)
    ? Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`))
    : [[path, typeof value === 'string' ? value : JSON.stringify(value)]]

/** What differs, member by member, in the order of what is there now. */
export const diffOf = ({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Difference[] => {
  const [was, is] = [new Map(before ? leaves(before) : []), new Map(after ? leaves(after) : [])]
  return [...new Set([...is.keys(), ...was.keys()])]
    .filter((path) => path !== '' && was.get(path) !== is.get(path))
    .map((path) => ({ path, before: was.get(path), after: is.get(path) }))
}
