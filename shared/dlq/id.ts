// Ids of dead letters: an address and the moment of death, as a job may die more than once.
import { inCalendar } from '../kernel/clock.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'

/** The moment of a death: as the job's hash says, else by its score in the failed set. */
export const diedAtOf = (finishedOn: number | undefined, score: number | undefined): number =>
  Math.round(inCalendar(finishedOn ?? score ?? 0))

/** `{queue}:{id}~{finishedOn in base 36}`. */
export const dlqId = (address: Address, finishedOn: number): string =>
  `${formatAddress(address)}~${diedAtOf(finishedOn, undefined).toString(36)}`

/** Takes a dead letter's id apart. Without a moment it means the newest death; undefined when it is no address at all. */
export const parseDlqId = (text: string): { address: Address; diedAt: number | null } | undefined => {
  const mark = text.lastIndexOf('~')
  const address = parseAddress(mark > 0 ? text.slice(0, mark) : text)
  if (!address) return undefined
  const diedAt = mark > 0 ? Number.parseInt(text.slice(mark + 1), 36) : Number.NaN
  return { address, diedAt: Number.isNaN(diedAt) ? null : diedAt }
}
