// Slices in turn: A B, B A, A B, … so that a machine that speeds up or slows down does so for both sides.
import type { Bench } from './row.ts'

/** What one slice of one side came to. CPU is that of the side's processes and of Redis. */
export interface Slice {
  readonly count: number
  readonly seconds: number
  readonly cpuUs: number
  readonly redisUs: number
  readonly commands: number
}

type SliceOf = () => Promise<Slice>

export interface Rounds<Name> {
  rounds: number
  /** Rounds at the start that do not count; 1. */
  warmUp?: number
  /** Whether the order turns with every round; not where one side follows what the other did. */
  turn?: boolean
  /** Makes a slice ready; neither its time nor its load counts. */
  before?: (name: Name) => Promise<void>
}

/** A slow machine makes fewer rounds instead of a longer row, down to as many as quartiles need. */
const BUDGET_MS = 45_000
const ROUNDS_LEAST = 5

/** Runs every side once in each round, in an order that turns with every round. */
export const alternate = async <Name extends string>(
  { load }: Bench,
  sides: Readonly<Record<Name, SliceOf>>,
  { rounds, warmUp = 1, turn = true, before }: Rounds<Name>,
): Promise<Record<Name, Slice[]>> => {
  const names = Object.keys(sides) as Name[]
  const slices = Object.fromEntries(names.map((name) => [name, [] as Slice[]])) as Record<Name, Slice[]>
  const until = performance.now() + BUDGET_MS
  for (let round = -warmUp; round < rounds; round++) {
    if (round >= ROUNDS_LEAST && performance.now() > until) break
    const order = round % 2 === 0 || !turn ? names : [...names].reverse()
    for (const name of order) {
      await before?.(name)
      const slice = await (round < 0 ? sides[name]() : load.during(sides[name]))
      if (round >= 0) slices[name].push(slice)
    }
  }
  return slices
}

export const rateOf = ({ count, seconds }: Slice): number => count / seconds
/** µs of CPU for one operation, processes and Redis together. */
export const costOf = ({ count, cpuUs, redisUs }: Slice): number => (cpuUs + redisUs) / count
export const commandsOf = ({ count, commands }: Slice): number => commands / count
export const processCostOf = ({ count, cpuUs }: Slice): number => cpuUs / count
export const redisCostOf = ({ count, redisUs }: Slice): number => redisUs / count
