// Budgets as one writes them in code: `300/30s`, `600/min`, `10000 units/day`.
import { Budget } from '../budgets/words.ts'
import { readBudget } from './budget-shape.ts'

/** Reads a budget. Throws a sentence that shows how one is written, or says what of it is out of bounds. */
export const parseBudget = (text: string): Budget => {
  const shape = readBudget(text)
  if (shape === undefined)
    throw new Error(`the budget '${text}' cannot be read; write it as '300/30s', '600/min' or '10000 units/day'`)
  const parsed = Budget.safeParse(shape)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`the budget '${text}' is out of bounds: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}
