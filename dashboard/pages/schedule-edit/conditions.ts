// Conditions on the data of an event as lines of text: `amount > 100`, `country in DE, AT`.
import type { DataFilter } from '../../../shared/kernel/data-filter.ts'

type Condition = DataFilter[number]
type Scalar = string | number | boolean | null

const SIGNS = { '=': 'eq', '!=': 'ne', '>': 'gt', '<': 'lt', in: 'in', 'starts with': 'prefix' } as const
type Sign = keyof typeof SIGNS

const line = /^(\S+)\s*(!=|=|>|<|\sin\s|\sstarts with\s)\s*(.+)$/

/** A text that reads as something else when it stands bare is written in quotation marks. */
const scalarText = (value: Scalar): string =>
  typeof value === 'string' && scalarOf(value) === value && !/[,\n]/.test(value) ? value : JSON.stringify(value)

const scalarOf = (text: string): Scalar => {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Scalar
  } catch {
    // A bare text.
  }
  return text
}

const signOf = (op: Condition['op']): Sign => {
  const found = (Object.keys(SIGNS) as Sign[]).find((sign) => SIGNS[sign] === op)
  if (!found) throw new Error(`no sign for ${op}`)
  return found
}

const conditionText = (condition: Condition): string => {
  const value = condition.op === 'in' ? condition.value.map(scalarText).join(', ') : scalarText(condition.value)
  return `${condition.path} ${signOf(condition.op)} ${value}`
}

/** A filter as a field shows it, a condition a line. */
export const filterText = (filter: DataFilter): string => filter.map(conditionText).join('\n')

const conditionOf = (text: string): Condition | undefined => {
  const [, path, sign, rest] = line.exec(text) ?? []
  if (path === undefined || sign === undefined || rest === undefined) return undefined
  const op = SIGNS[sign.trim() as Sign]
  const value = scalarOf(rest.trim())
  if (op === 'in') return { path, op, value: listOf(rest) }
  if (op === 'prefix') return { path, op, value: String(value) }
  if (op !== 'gt' && op !== 'lt') return { path, op, value }
  return typeof value === 'number' || typeof value === 'string' ? { path, op, value } : undefined
}

/** Values parted by commas; one in quotation marks may hold some. */
const listOf = (text: string): Scalar[] =>
  [...text.matchAll(/\s*(?:"(?:[^"\\]|\\.)*"|[^,]+)/g)]
    .map(([each]) => scalarOf(each.trim()))
    .filter((each) => each !== '')

/** Reads a filter; the first line that is no condition is told. */
export const readFilter = (text: string): { filter: DataFilter } | { error: string } => {
  const filter: DataFilter = []
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue
    const condition = conditionOf(each.trim())
    if (!condition)
      return { error: `Line ${index + 1} is no condition. Write it as amount > 100 or country in DE, AT.` }
    filter.push(condition)
  }
  return { filter }
}
