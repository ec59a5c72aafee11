// Budgets as one writes them: `300/30s`, `600/min`, `10000 units/day`.
import { Budget } from '../budgets/words.ts'

const SHAPE = /^\s*(\d[\d_,]*)\s*(calls?|units?)?\s*\/\s*(\d+)?\s*(s|sec|second|m|min|minute|h|hour|d|day)s?\s*$/i
const MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a budget. Throws a sentence that shows how one is written, or says what of it is out of bounds. */
export const parseBudget = (text: string): Budget => {
  const [, limit = '', unit = 'calls', count = '1', span = ''] = SHAPE.exec(text) ?? []
  if (limit === '')
    throw new Error(`the budget '${text}' cannot be read; write it as '300/30s', '600/min' or '10000 units/day'`)
  const parsed = Budget.safeParse({
    limit: Number(limit.replaceAll(/[_,]/g, '')),
    per_ms: Number(count) * (MS[span.charAt(0).toLowerCase()] ?? 0),
    unit: unit.toLowerCase().startsWith('unit') ? 'units' : 'calls',
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`the budget '${text}' is out of bounds: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}
