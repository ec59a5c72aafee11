// The kinds of facts there are; they stay the same while a page is open.
import type { EventType } from '../../shared/webhooks/contract.ts'
import { api } from './api.ts'
import { Resource } from './resource.svelte.ts'

export const eventTypes = new Resource<readonly EventType[]>()

/** Fetches them unless they are known. */
export const loadEventTypes = async (): Promise<void> => {
  if (eventTypes.value === undefined)
    await eventTypes.load(async (signal) => (await api.webhooks.eventTypes({ signal })).data)
}
