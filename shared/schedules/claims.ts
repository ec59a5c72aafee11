// Claims as Redis keeps them, JSON under their keys. One that is broken is told anew by its key where that is a slot's, so that
// the slot still becomes a job; of others nothing can be known.
import { z } from 'zod'
import type { ScheduleRecord } from './definition.ts'
import { slotOfKey } from './keys.ts'
import { plannedAt } from './planned.ts'
import { slotAfter } from './slots.ts'
import type { Claim } from './standing.ts'

/** The key of a claim is the field it is kept in. */
export const textOf = ({ key: _key, ...claim }: Claim): string => JSON.stringify(claim)

/** Reads fields and values in turn. `torn` has the keys of those that say nothing. */
export const readClaims = (record: ScheduleRecord, flat: readonly string[]): { open: Claim[]; torn: string[] } => {
  const open: Claim[] = []
  const torn: string[] = []
  for (let n = 0; n < flat.length; n += 2) {
    const key = flat[n] ?? ''
    const claim = claimFrom(key, flat[n + 1] ?? '') ?? slotClaim(record, key)
    if (claim === undefined) torn.push(key)
    else open.push(claim)
  }
  return { open: open.sort((a, b) => a.scheduledFor - b.scheduledFor), torn }
}

/** What no claim is without. */
const Kept = z.looseObject({
  source: z.string(),
  scheduledFor: z.number(),
  plannedAt: z.number(),
  claimedAt: z.number(),
})

/** As it was written, to the order of its members: who settles it compares the text. */
const claimFrom = (key: string, text: string): Claim | undefined => {
  const kept = jsonOf(text)
  return Kept.safeParse(kept).success ? { ...(kept as Omit<Claim, 'key'>), key } : undefined
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether it was to wait for another job is not known, so it does where any may have to. */
const slotClaim = (record: ScheduleRecord, key: string): Claim | undefined => {
  const slot = slotOfKey(key)
  if (slot === undefined || slot < record.createdAt || slotAfter(record, slot - 1) !== slot) return undefined
  const { trigger, overlap } = record.definition
  return {
    ...{ key, source: trigger.type, scheduledFor: slot, plannedAt: plannedAt(record, slot), claimedAt: slot },
    ...(overlap === 'queue_one' || overlap === 'cancel_running' ? { waits: true } : {}),
  }
}
