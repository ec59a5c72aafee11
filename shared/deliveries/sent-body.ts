// What was sent of a delivery, byte for byte, as long as that is known.
import { z } from 'zod'
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { LogEntry } from '../stream/log.ts'
import { bodyOf } from '../webhooks/message.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { taskFor } from './fan-out.ts'
import { jobId } from './id.ts'
import type { DeliveryRecord } from './record.ts'

/** What its job has to send; undefined where that is gone. */
export const readTask = async (bull: Bull, { key }: DeliveryRecord): Promise<string | undefined> => {
  const address = { queue: webhookDeliver.queue, id: jobId(key) }
  const [job] = await bull.readRaw([address], ['name', 'timestamp', 'data'])
  return job?.data
}

/** What its job has; where that is gone, what follows from the fact, unless a payload went along. */
export const bodySent = (
  webhook: WebhookRecord,
  task: string | undefined,
  fact: LogEntry | undefined,
): string | null => {
  if (task !== undefined) return Sent.safeParse(jsonOf(task)).data?.body ?? null
  return fact && taskFor(webhook, fact).taskId === undefined ? bodyOf(fact) : null
}

/** Whether the payload of a job went along. */
export const hasPayload = (body: string | null): boolean => body !== null && WithPayload.safeParse(jsonOf(body)).success

/** Of the payload of its job, as other versions may have written it. */
const Sent = z.object({ body: z.string() })
const WithPayload = z.object({ task_data: z.json() })

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
