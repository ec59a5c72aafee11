// What one process knows of how endpoints fare, so that a delivery need not ask.
import type { Kernel } from '../kernel/kernel.ts'
import type { Known } from './desk.ts'
import type { Fared } from './figures.ts'
import type { DeliveryStore } from './store.ts'

export interface Standings {
  /** From memory where that is fresh, or good: that an endpoint fails is heard of with the first attempt. */
  of(webhookId: string): Promise<Known> | Known
  learn(webhookId: string, fared: Fared): void
  /** Whether one more attempt that arrives says nothing new: the last ones did too, and nobody stands in line. */
  isWell(webhookId: string): boolean
  /** Somebody was put in line. */
  lined(webhookId: string): void
}

interface Remembered {
  readonly standing: Known
  readonly at: number
  hasLine: boolean
}

const FRESH_MS = 1_000
const KNOWN_MAX = 10_000

/** Whether what is known still holds. Of one that rests Redis is asked: it may have answered elsewhere, or been enabled anew. */
const isStill = ({ standing, at }: Remembered, now: number): boolean => {
  if ((standing.restsUntil ?? 0) > now) return false
  return (standing.failures === 0 && standing.succeededAt !== undefined) || now - at < FRESH_MS
}

export const createStandings = ({ clock }: Pick<Kernel, 'clock'>, store: DeliveryStore): Standings => {
  const known = new Map<string, Remembered>()
  const keep = (id: string, standing: Known, hasLine: boolean): Known => {
    if (known.size >= KNOWN_MAX) known.clear()
    known.set(id, { standing, at: clock.now(), hasLine })
    return standing
  }
  return {
    of(id) {
      const found = known.get(id)
      if (found && isStill(found, clock.now())) return found.standing
      return store.standing(id).then((standing) => keep(id, standing, true))
    },
    learn: (id, { failures, failingSince, succeededAt, lined, restsUntil }) =>
      keep(id, { failures, failingSince, succeededAt, restsUntil }, lined > 0),
    isWell(id) {
      const found = known.get(id)
      if (found === undefined || found.hasLine) return false
      const { failures, succeededAt, restsUntil } = found.standing
      return failures === 0 && succeededAt !== undefined && restsUntil === undefined
    },
    lined(id) {
      const found = known.get(id)
      if (found) found.hasLine = true
    },
  }
}
