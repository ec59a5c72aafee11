// What a delivery is called: everything follows from the fact and its endpoint, so that nobody can make the same one twice.
import { hashId } from '../kernel/ids.ts'

/** The part that all its names share. */
export const deliveryKey = (eventId: string, webhookId: string): string => hashId(26, eventId, webhookId)

/** `dlv_…`, as the API calls it. */
export const deliveryId = (key: string): string => `dlv_${key}`

/** `msg_…`: the header `webhook-id`, the same on every attempt for ever. */
export const messageId = (key: string): string => `msg_${key}`

/** `wh-…`: its job on `k1n-webhooks`. */
export const jobId = (key: string): string => `wh-${key}`

/** The shared part of any of its names. */
export const keyOfId = (id: string): string => id.slice(id.search(/[_-]/) + 1)
