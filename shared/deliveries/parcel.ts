// A delivery on its way from a fact to its job.
import type { Said } from '../stream/origins.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import type { NewDelivery } from './writing.ts'

/** A delivery to be, with what its job says. */
export interface Parcel {
  readonly delivery: NewDelivery
  readonly webhook: WebhookRecord
  readonly body: string
  /** What it tells of. */
  readonly fact: Said
  /** How often that went through k1n before; none unless said. */
  readonly hop?: number
  /** The job whose payload the endpoint is sent along. */
  readonly taskId?: string
}
