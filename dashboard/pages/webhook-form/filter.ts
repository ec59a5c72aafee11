// Conditions on the data of facts as rows of a form: a path, a comparison, and a value as it is typed.
import type { DataFilter } from '../../../shared/kernel/data-filter.ts'

type Condition = DataFilter[number]
export type Op = Condition['op']
export interface FilterRow {
  path: string
  op: Op
  value: string
}
type Scalar = string | number | boolean | null

export const ops: readonly { value: Op; label: string }[] = [
  { value: 'eq', label: 'is' },
  { value: 'ne', label: 'is not' },
  { value: 'in', label: 'is one of' },
  { value: 'gt', label: 'is more than' },
  { value: 'lt', label: 'is less than' },
  { value: 'prefix', label: 'begins with' },
]

const isScalar = (value: unknown): value is Scalar => value === null || typeof value !== 'object'

/** What was typed as a value: numbers, true, false, null and quoted texts are what JSON says, all else is a text. */
const readScalar = (text: string): Scalar => {
  try {
    const value: unknown = JSON.parse(text)
    return isScalar(value) ? value : text
  } catch {
    return text
  }
}

/** A value as it is typed; a text is quoted where it would be read as something else. */
const writeScalar = (value: Scalar): string =>
  typeof value === 'string' && readScalar(value) === value && !value.includes(',') ? value : JSON.stringify(value)

const parts = (text: string): string[] =>
  [...text.matchAll(/\s*("(?:[^"\\]|\\.)*"|[^,]+)/g)].flatMap(([, part = '']) => part.trim() || [])

export const rowsOf = (filter: DataFilter): FilterRow[] =>
  filter.map((condition) => ({
    path: condition.path,
    op: condition.op,
    value: condition.op === 'in' ? condition.value.map(writeScalar).join(', ') : textOf(condition),
  }))

const textOf = (condition: Exclude<Condition, { op: 'in' }>): string =>
  condition.op === 'prefix' ? condition.value : writeScalar(condition.value)

const PATH = /^[^.]{1,64}(?:\.[^.]{1,64}){0,7}$/

export type ReadFilter = { filter: DataFilter } | { error: string }

/** The conditions that rows of a form ask for, or what is wrong with the first that asks for none. */
export const readFilter = (rows: readonly FilterRow[]): ReadFilter => {
  const filter: Condition[] = []
  for (const row of rows) {
    const path = row.path.trim()
    if (!PATH.test(path)) return { error: 'Each condition needs a path: names of members, parted by dots.' }
    const condition = conditionOf({ ...row, path })
    if (condition === undefined) return { error: `What ${path} is compared with cannot be compared that way.` }
    filter.push(condition)
  }
  return { filter }
}

const conditionOf = ({ path, op, value }: FilterRow): Condition | undefined => {
  const typed = readScalar(value.trim())
  switch (op) {
    case 'eq':
    case 'ne':
      return { path, op, value: typed }
    case 'in': {
      const values = parts(value).map(readScalar)
      return values.length === 0 ? undefined : { path, op, value: values }
    }
    case 'gt':
    case 'lt':
      return (typeof typed === 'string' && typed !== '') || typeof typed === 'number'
        ? { path, op, value: typed }
        : undefined
    case 'prefix':
      return value === '' ? undefined : { path, op, value }
  }
}
