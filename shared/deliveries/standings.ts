// What one process knows of how endpoints fare, so that a delivery need not ask.
import type { Kernel } from '../kernel/kernel.ts'
import type { Known } from './desk.ts'
import type { Fared } from './figures.ts'
import type { DeliveryStore } from './store.ts'

export interface Standings {
  /** From memory where that is fresh, or good: that an endpoint fails is heard of with the first attempt. */
  of(webhookId: string): Promise<Known> | Known
  learn(webhookId: string, fared: Fared, restsUntil?: number): void
}

const FRESH_MS = 1_000
const KNOWN_MAX = 10_000

/** Whether what is known still holds. Of one that rests Redis is asked: it may have answered elsewhere, or been enabled anew. */
const isStill = ({ standing, at }: { standing: Known; at: number }, now: number): boolean => {
  if (standing.failures === 0 && standing.succeededAt !== undefined) return true
  return now - at < FRESH_MS && (standing.restsUntil ?? 0) <= now
}

export const createStandings = ({ clock }: Pick<Kernel, 'clock'>, store: DeliveryStore): Standings => {
  const known = new Map<string, { standing: Known; at: number }>()
  const keep = (id: string, standing: Known): Known => {
    if (known.size >= KNOWN_MAX) known.clear()
    known.set(id, { standing, at: clock.now() })
    return standing
  }
  return {
    of(id) {
      const found = known.get(id)
      if (found && isStill(found, clock.now())) return found.standing
      return store.standing(id).then((standing) => keep(id, standing))
    },
    learn: (id, { failures, failingSince, succeededAt }, restsUntil) =>
      keep(id, { failures, failingSince, succeededAt, restsUntil }),
  }
}
