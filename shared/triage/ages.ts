// How old the dead letters of each state of a group are: counted where a part's entries lie in several ages, known elsewhere.
import type { Kernel } from '../kernel/kernel.ts'
import type { DlqGroup } from './contract.ts'
import type { Group } from './groups.ts'
import { entriesKey } from './keys.ts'
import { openOf } from './part.ts'
import type { Part } from './part.ts'
import { rangeOf } from './place.ts'

type State = DlqGroup['state']
/** Dead letters by age, the youngest bucket first, of groups of one state. */
export type AgesByState = Readonly<Record<State, number[]>>

/** Counts asked for at once, so that nobody waits long behind them, and in all: the largest facets first. */
const AT_ONCE = 200
const COUNTS_MAX = 4_000

/** `ends` are the moments that divide the ages, the newest first: what died at or after the first is youngest. */
export const agesByState = async (
  kernel: Kernel,
  groups: readonly Group[],
  ends: readonly number[],
): Promise<AgesByState> => {
  const none = (): number[] => Array.from({ length: ends.length + 1 }, () => 0)
  const ages: Record<State, number[]> = { new: none(), ongoing: none(), ignored: none(), resolved: none(), regressed: none() } // prettier-ignore
  const spread: Spread[] = []
  for (const { parts, shown } of groups)
    for (const part of parts.filter((one) => openOf(one) > 0)) {
      const [youngest, oldest] = [ageOf(part.last, ends), ageOf(part.first, ends)]
      if (youngest === oldest) ages[shown.state][youngest] = (ages[shown.state][youngest] ?? 0) + openOf(part)
      else spread.push(...spreadOf(part, shown.state, youngest, oldest, ends))
    }
  await count(kernel, spread.sort((a, b) => b.open - a.open).slice(0, COUNTS_MAX), ages)
  return ages
}

const ageOf = (at: number, ends: readonly number[]): number => {
  const found = ends.findIndex((end) => at >= end)
  return found < 0 ? ends.length : found
}

/** Entries of one facet within one age, still to be counted. */
interface Spread {
  state: State
  age: number
  /** Entries of the facet in all. */
  open: number
  key: { queue: string; facet: number; from: number; before: number | undefined }
}

const spreadOf = (part: Part, state: State, youngest: number, oldest: number, ends: readonly number[]): Spread[] =>
  part.facets
    .filter(({ open }) => open > 0)
    .flatMap(({ no, open }) =>
      Array.from({ length: oldest - youngest + 1 }, (_, index) => {
        const age = youngest + index
        return { state, age, open, key: { queue: part.queue, facet: no, from: ends[age] ?? 0, before: ends[age - 1] } }
      }),
    )

const count = async (kernel: Kernel, spread: readonly Spread[], ages: Record<State, number[]>): Promise<void> => {
  for (let first = 0; first < spread.length; first += AT_ONCE) {
    const some = spread.slice(first, first + AT_ONCE)
    const pipeline = kernel.redis.pipeline()
    for (const { key } of some) pipeline.zcount(entriesKey(kernel, key.queue), ...rangeOf(key.facet, key.from, key.before)) // prettier-ignore
    const replies = (await pipeline.exec()) ?? []
    for (const [index, { state, age }] of some.entries()) {
      const [error, found] = replies[index] ?? []
      if (error) throw error
      ages[state][age] = (ages[state][age] ?? 0) + Number(found)
    }
  }
}
