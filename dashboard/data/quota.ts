// What is used of a service's budget now; a k1n that does not tell has none to show.
import type { Quota } from '../../shared/budgets/words.ts'
import { fetchJson } from './api.ts'
import { failureOf } from './failure.ts'

/** Undefined where the API does not tell. */
export const loadQuota = async (service: string, signal: AbortSignal): Promise<Quota | undefined> => {
  try {
    return (await fetchJson(`/services/${encodeURIComponent(service)}/quota`, signal)) as Quota
  } catch (error) {
    if (failureOf(error).kind === 'missing') return undefined
    throw error
  }
}
