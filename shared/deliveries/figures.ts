// How endpoints fare, read from what is counted of their attempts.
import type { Standing } from './policy.ts'

/** How an endpoint fares after that; `lined` deliveries stand in its line that nobody has taken. `restsUntil`: it rests although
 *  something arrived, which began before. */
export interface Fared extends Standing {
  readonly lined: number
  readonly restsUntil: number | undefined
}

export interface Health extends Standing {
  readonly failedAt: number | undefined
  readonly restsUntil: number | undefined
  readonly backlog: number
  /** How many attempts took less than 2^n ms, by n. */
  readonly widths: ReadonlyMap<number, number>
  /** Attempts of the same time that arrived. */
  readonly arrived: number
}

export const numberOf = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined || text === '' ? undefined : Number(text)

export const standingOf = (
  failures: string | null | undefined,
  since: string | null | undefined,
  ok: string | null | undefined,
): Standing => ({
  failures: Number(failures ?? 0),
  failingSince: numberOf(since),
  succeededAt: numberOf(ok),
})

type Counts = Record<string, string>
export type HealthAnswers = [state: (string | null)[], backlog: number, widths: Counts, widthsBefore: Counts]

export const toHealth = ([[failures, since, ok, bad, rest], backlog, ...widths]: HealthAnswers): Health => ({
  ...standingOf(failures, since, ok),
  failedAt: numberOf(bad),
  restsUntil: numberOf(rest),
  backlog,
  widths: sumOf(widths),
  arrived: arrivedOf(widths),
})

/** The power of two that is not below it. */
export const widthOf = (ms: number): number => Math.max(0, Math.ceil(Math.log2(Math.max(1, ms))))

/** Names of widths begin with a minus where the attempts failed. */
const sumOf = (counts: readonly Counts[]): Map<number, number> => {
  const sum = new Map<number, number>()
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    const width = Number(name.replace('-', ''))
    sum.set(width, (sum.get(width) ?? 0) + Number(count))
  }
  return sum
}

const arrivedOf = (counts: readonly Counts[]): number =>
  counts
    .flatMap((each) => Object.entries(each))
    .reduce((sum, [name, count]) => (name.startsWith('-') ? sum : sum + Number(count)), 0)
