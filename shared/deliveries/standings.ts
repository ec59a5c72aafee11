// What one process knows of how endpoints fare, so that a delivery need not ask.
import type { Kernel } from '../kernel/kernel.ts'
import type { Known } from './desk.ts'
import type { DeliveryStore, Fared } from './store.ts'

export interface Standings {
  /** From memory where that is fresh, or good: that an endpoint fails is heard of with the first attempt. */
  of(webhookId: string): Promise<Known> | Known
  learn(webhookId: string, fared: Fared, restsUntil?: number): void
}

/** Somebody may have enabled it anew, or it may have answered elsewhere. */
const FRESH_MS = 250
const KNOWN_MAX = 10_000

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
      const isGood = found?.standing.failures === 0 && found.standing.succeededAt !== undefined
      if (found && (isGood || clock.now() - found.at < FRESH_MS)) return found.standing
      return store.standing(id).then((standing) => keep(id, standing))
    },
    learn: (id, { failures, failingSince, succeededAt }, restsUntil) =>
      keep(id, { failures, failingSince, succeededAt, restsUntil }),
  }
}
