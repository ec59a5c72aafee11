// Sending deliveries once more: their jobs live again, or are made again from the log.
import type { Bull, BullState } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { eventLogKey, factsOf, entryOf } from '../stream/log.ts'
import type { LogEntry } from '../stream/log.ts'
import { bodyOf } from '../webhooks/message.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { jobOf, taskFor } from './fan-out.ts'
import type { FanOutNeeds } from './fan-out.ts'
import { jobId } from './id.ts'
import { withPayloads } from './payloads.ts'

/** What is to be sent once more. */
export interface Resend {
  readonly key: string
  readonly eventId: string
}

/** `sent`: it is on its way. `gone`: neither its job nor its fact is there any more. */
export type Resent = 'sent' | 'in_flight' | 'gone' | 'unknown'

/** Sends deliveries to one endpoint once more; asked again under the same mark, none is sent twice. */
export const resend = async (
  kernel: Kernel,
  needs: FanOutNeeds,
  webhook: WebhookRecord,
  deliveries: readonly Resend[],
  mark = '',
): Promise<Resent[]> => {
  const { bull, store } = needs
  const states = await bull.stateOf(deliveries.map(({ key }) => addressOf(key)))
  const gone = await Promise.all(
    deliveries.map(
      async ({ eventId }, n) => states[n] === 'missing' && (await readFact(kernel, eventId)) === undefined,
    ),
  )
  const able = deliveries.filter((_each, n) => states[n] !== 'active' && gone[n] !== true)
  const answers = await store.reopen(
    able.map(({ key }) => key),
    mark,
  )
  const opened = new Map(able.map(({ key }, n) => [key, answers[n] ?? 'unknown']))
  return Promise.all(
    deliveries.map(async (each, n) => {
      if (states[n] === 'active') return 'in_flight'
      if (gone[n] === true) return 'gone'
      const how = opened.get(each.key)
      if (how === 'unknown' || how === undefined) return 'unknown'
      // Under the same mark it has arrived since.
      if (how === 'opened' || states[n] !== 'completed')
        await revive(kernel, bull, webhook, each, states[n] ?? 'missing')
      return 'sent'
    }),
  )
}

const addressOf = (key: string) => ({ queue: webhookDeliver.queue, id: jobId(key) })

const revive = async (
  kernel: Kernel,
  bull: Bull,
  webhook: WebhookRecord,
  { key, eventId }: Resend,
  state: BullState,
): Promise<void> => {
  if (state === 'delayed') await bull.hasten(webhookDeliver.queue, [jobId(key)])
  else if (state === 'failed' || state === 'completed')
    await bull.revive(addressOf(key), { from: state, resetAttempts: true, delayMs: 0 })
  else if (state === 'missing') {
    const entry = await readFact(kernel, eventId)
    if (entry === undefined) return
    const delivery = { key, webhookId: webhook.id, eventId, eventType: entry.name, order: '' }
    const hop = entry.sent?.hop ?? 0
    const parcel = { delivery, webhook, hop, body: bodyOf(entry), ...taskFor(webhook, entry) }
    for (const whole of await withPayloads(bull, [parcel])) await bull.add(jobOf(kernel, whole, 'known'))
  }
}

/** A fact by its position, while the log has it. */
export const readFact = async (kernel: Kernel, eventId: string): Promise<LogEntry | undefined> => {
  const entry = entryOf(eventId)
  const [found] = await kernel.redis.xrange(eventLogKey(kernel), entry, entry)
  return found && factsOf(found).find(({ id }) => id === eventId)
}
