// API keys as the newest known: fetched, and fetched again when one of them was changed here.
import type { ApiKey } from '../../shared/auth/contract.ts'
import { api } from './api.ts'
import { Resource } from './resource.svelte.ts'

export interface KeyList {
  rows: readonly ApiKey[]
  next: string | null
}

/** The most that one answer holds. */
const PAGE = 200

export const keys = new Resource<KeyList>()

const fetchKeys = async (signal: AbortSignal, before?: KeyList): Promise<KeyList> => {
  const query = { limit: PAGE, ...(before?.next && { cursor: before.next }) }
  const { data, page } = await api.auth.listKeys({ query, signal })
  return { rows: [...(before?.rows ?? []), ...data], next: page.next_cursor }
}

/** The newest of all keys. */
export const loadKeys = (): Promise<void> => keys.load((signal) => fetchKeys(signal))

/** Those that are older than what is shown. */
export const loadMoreKeys = (): Promise<void> => keys.load((signal) => fetchKeys(signal, keys.value))
