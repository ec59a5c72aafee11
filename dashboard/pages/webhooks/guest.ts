// What differs for a subscriber, who was let in to their own endpoints only.
import type { Webhook } from '../../../shared/webhooks/contract.ts'

/** Who looks: of which subscriber, and the queues of which their endpoints may hear. */
export interface Looking {
  guest: string | undefined
  queues: readonly string[]
}

/** Whether an endpoint was made for a subscriber by somebody who sees more: what it hears of is not theirs to change, nor is it theirs to
 *  delete. */
export const isMadeForThem = ({ queues }: Pick<Webhook, 'queues'>, { guest, queues: seen }: Looking): boolean =>
  guest !== undefined && !seen.includes('*') && !queues.every((queue) => seen.includes(queue))

/** What stands above the kinds of facts of such an endpoint. */
export const CHOSEN =
  'What it hears of was chosen for you. Ask whoever gave you the link to have it changed, or make another endpoint.'

/** Why a subscriber cannot delete it. */
export const keptReason = (webhook: Pick<Webhook, 'queues'>, looking: Looking): string | undefined =>
  isMadeForThem(webhook, looking) ? 'It was made for you: pause it instead' : undefined
