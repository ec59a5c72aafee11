// Which example an endpoint is tried with, and how often.
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { toVaultProblem } from '../kernel/vault.ts'
import { exampleOf } from '../event-examples.ts'
import { TooManyTests } from './contract.ts'
import type { WebhookTested } from './contract.ts'
import { kindToTest } from './event-types.ts'
import type { WebhookRecord } from './words.ts'

/** Sends one message to an endpoint, enabled or not, keeps it among its deliveries, and tells what came of it, within the 15 s of
 *  every call. Fails only when the endpoint's secrets cannot be opened. */
export type SendTest = (endpoint: WebhookRecord, type: string, data: object) => Promise<WebhookTested>

/** What a test is called that is of no event. */
const PLAIN = 'webhook.test'
const TESTS_MAX = 10
const WINDOW_MS = 60_000

/** Makes the function that tries an endpoint out, ten times a minute in the whole fleet. Problems: `unknown-event-type`,
 *  `too-many-webhook-tests`, `secrets-unavailable`. */
export const createTrial = (kernel: Kernel, send: SendTest) => {
  const throttle = async (id: string): Promise<void> => {
    const key = kernel.key('webhooks', 'tests', id)
    const answers = await kernel.redis.multi().incr(key).pexpire(key, WINDOW_MS, 'NX').pttl(key).exec()
    const [count = 0, , leftMs = WINDOW_MS] = (answers ?? []).map(([error, answer]) => {
      if (error) throw error
      return Number(answer)
    })
    if (count > TESTS_MAX)
      throw TooManyTests(`A webhook is tested at most ${TESTS_MAX} times a minute.`, { retryAfterMs: leftMs })
  }
  return async (record: WebhookRecord, eventType = PLAIN): Promise<WebhookTested> => {
    const kind = eventType === PLAIN ? undefined : kindToTest(eventType, record.settings.subscriber)
    await guardRedis(throttle(record.id))
    const data = { ...(kind && exampleOf(kind.name)), test: true }
    return send(record, eventType, data).catch((error: unknown) => Promise.reject(toVaultProblem(error)))
  }
}
