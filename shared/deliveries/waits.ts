// Why a delivery waits, found out when somebody looks: from its endpoint, those before it and its job. Nothing is written for it.
import { z } from 'zod'
import type { Bull, StatedJob } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { toIso } from '../kernel/clock.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { deliveryId, jobId } from './id.ts'
import type { DeliveryRecord } from './record.ts'
import type { DeliveryStore } from './store.ts'
import type { DeliveryWait } from './words.ts'

/** What is known at one moment of a delivery that has not ended. */
export interface Circumstances {
  /** Epoch ms. */
  readonly now: number
  readonly isEnabled: boolean
  /** The key of the delivery it comes after and that has not ended. */
  readonly ahead: string | undefined
  readonly nextAt: number | null
  readonly restsUntil: number | undefined
  readonly job: StatedJob | undefined
}

/** Whether the job is with a worker now, and if not, why the delivery waits; null for one that has ended. */
export const lookAt = async (
  { bull, store }: { bull: Bull; store: DeliveryStore },
  record: DeliveryRecord,
  webhook: WebhookRecord,
  now: number,
): Promise<{ readonly runs: boolean; readonly waits: DeliveryWait | null }> => {
  const { key, nextAt, status } = record
  const [job] = await bull.readStated([{ queue: webhookDeliver.queue, id: jobId(key) }], FIELDS)
  const runs = job?.state === 'active'
  if (runs || (status !== 'pending' && status !== 'failed')) return { runs, waits: null }
  const [ahead, { restsUntil }] = await Promise.all([store.ahead(key, webhook.id), store.standing(webhook.id)])
  return { runs, waits: waitOf({ now, isEnabled: webhook.enabled, ahead, nextAt, restsUntil, job }) }
}

const FIELDS = ['name', 'timestamp', 'ats', 'k1nPark'] as const

/** The first of all that stands in its way. */
export const waitOf = ({ now, isEnabled, ahead, nextAt, restsUntil, job }: Circumstances): DeliveryWait | null => {
  if (!isEnabled) return saying('disabled')
  if (ahead !== undefined) return { ...saying('ordered'), behind: deliveryId(ahead) }
  if (nextAt !== null && nextAt > now) return { ...saying('backoff'), until: toIso(nextAt) }
  if (restsUntil !== undefined && restsUntil > now) return { ...saying('breaker'), until: toIso(restsUntil) }
  if (job === undefined) return null
  return saying(job.state === 'delayed' ? (parkedFor(job) ?? 'line') : 'worker')
}

const saying = (why: DeliveryWait['why']): DeliveryWait => ({ why, until: null, behind: null, detail: sentences[why] })

const sentences: Record<DeliveryWait['why'], string> = {
  disabled: 'The endpoint is disabled: it is cancelled when its turn comes, unless the endpoint is enabled before.',
  ordered: 'It goes after another one of the same order, which has not ended.',
  backoff: 'The last attempt failed, and the next one has its time.',
  breaker:
    'The endpoint did not answer well lately: until it does, one attempt at a time is made, with rests between them.',
  rate_limit: 'The endpoint has been sent as many as its rate allows.',
  concurrency: 'As many as the endpoint is sent at once are on their way.',
  line: 'Others to the same endpoint go first.',
  worker: 'It goes as soon as a worker takes it.',
}

const Park = z.object({ cause: z.enum(['breaker', 'concurrency', 'budget']), ats: z.int() })
const causes = { breaker: 'breaker', concurrency: 'concurrency', budget: 'rate_limit' } as const

/** What its worker put it off for, when nobody has taken it since. */
const parkedFor = ({ job: { parked, attemptsStarted } }: StatedJob): DeliveryWait['why'] | undefined => {
  const park = parked === undefined ? undefined : Park.safeParse(jsonOf(parked)).data
  return park?.ats === attemptsStarted ? causes[park.cause] : undefined
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
