// A budget between text and numbers: `300/30s`, `600/min`, `10000 units/day`.

export interface BudgetShape {
  limit: number
  per_ms: number
  unit: 'calls' | 'units'
}

const SHAPE = /^\s*(\d[\d_,]*)\s*(calls?|units?)?\s*\/\s*(\d+)?\s*(s|sec|second|m|min|minute|h|hour|d|day)s?\s*$/i
const MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SPANS: readonly (readonly [word: string, ms: number])[] = [
  ['day', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** The numbers a text stands for, whatever their bounds; undefined for what is no budget. */
export const readBudget = (text: string): BudgetShape | undefined => {
  const [, limit, unit = 'calls', count = '1', span = ''] = SHAPE.exec(text) ?? []
  if (limit === undefined) return undefined
  return {
    limit: Number(limit.replaceAll(/[_,]/g, '')),
    per_ms: Number(count) * (MS[span.charAt(0).toLowerCase()] ?? 0),
    unit: unit.toLowerCase().startsWith('unit') ? 'units' : 'calls',
  }
}

/** The text that reads as this budget; undefined where no whole number of seconds says it. */
export const writeBudget = ({ limit, per_ms, unit }: BudgetShape): string | undefined => {
  const [word, ms] = SPANS.find((span) => per_ms % span[1] === 0) ?? []
  if (word === undefined || ms === undefined) return undefined
  const count = per_ms / ms === 1 ? '' : String(per_ms / ms)
  return `${limit}${unit === 'units' ? ' units' : ''}/${count}${word}`
}
