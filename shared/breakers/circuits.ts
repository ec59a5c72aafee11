// Whether a service lets anybody in, for those who ask before they send a job there.
import { isProblem } from '../kernel/problem.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Breakers } from './breakers.ts'
import type { BreakerState } from './words.ts'

export interface ServiceCircuit {
  readonly state: BreakerState
  /** When asking again makes sense, of one that lets nobody in. */
  readonly retryAfterMs?: number
}

/** Makes the function that answers it; undefined for a service that nobody knows. */
export const circuitsOf =
  ({ clock }: Kernel, breakers: Pick<Breakers, 'show'>) =>
  async (service: string): Promise<ServiceCircuit | undefined> => {
    try {
      const { state, next_attempt_at: next } = await breakers.show(service)
      return { state, ...(next === null ? {} : { retryAfterMs: Math.max(0, Date.parse(next) - clock.now()) }) }
    } catch (error) {
      if (isProblem(error) && error.kind === 'missing') return undefined
      throw error
    }
  }
