// One delivery in words: how it stands, what each attempt came to, and what a receiver is given to check it by.
import type { Delivery, DeliveryAttempt, DeliverySummary } from '../../../shared/deliveries/words.ts'
import { age, countOf, instant } from '../../ui/format.ts'
import { isSuccess, outcomeWords, type Outcome } from '../webhooks/outcome.ts'
import type { Signed } from './verify.ts'

type Status = Delivery['status']

/** The state whose icon and colour a status has, and its own word. */
const lookOf: Record<Status, { state: string; word: string }> = {
  pending: { state: 'waiting', word: 'Pending' },
  in_flight: { state: 'running', word: 'On its way' },
  succeeded: { state: 'done', word: 'Delivered' },
  failed: { state: 'retrying', word: 'Failed, tried again' },
  dead: { state: 'failed', word: 'Given up' },
  cancelled: { state: 'cancelled', word: 'Cancelled' },
}

/** The same for one delivery: a test is tried once, and so is not given up. */
export const lookAt = ({ status, test }: Pick<DeliverySummary, 'status' | 'test'>): { state: string; word: string } =>
  test && status === 'dead' ? { state: 'failed', word: 'Failed' } : lookOf[status]

type Standing = Pick<
  DeliverySummary,
  'test' | 'status' | 'attempt' | 'next_attempt_at' | 'last_status_code' | 'last_error_code'
>

const lastOf = ({ attempt, last_status_code, last_error_code }: Standing): Outcome | undefined =>
  attempt === 0 ? undefined : { status_code: last_status_code, error_code: last_error_code }

/** How it stands in a sentence or two. */
export const statusLine = (delivery: Standing, now: number): string => {
  const tries = countOf(delivery.attempt, 'attempt')
  const outcome = lastOf(delivery)
  const last = outcome ? ` The receiver ${outcomeWords(outcome)}.` : ''
  if (delivery.test)
    return delivery.status === 'succeeded' ? 'A test that arrived.' : `A test that did not arrive.${last}`
  switch (delivery.status) {
    case 'pending':
      return delivery.attempt === 0
        ? `Not sent yet${nextWords(delivery, now)}.`
        : `Waits after ${tries}${nextWords(delivery, now)}.${last}`
    case 'in_flight':
      return `On its way: attempt ${Math.max(1, delivery.attempt)}.`
    case 'succeeded':
      return `Delivered at attempt ${delivery.attempt}.`
    case 'failed':
      return `Failed after ${tries}${nextWords(delivery, now)}.${last}`
    case 'dead':
      return `Given up after ${tries}; nothing sends it again by itself.${last}`
    case 'cancelled':
      return 'Cancelled: the endpoint was deleted or turned off, or somebody cancelled its job.'
  }
}

/** `, next try in 5 min`. */
export const nextWords = ({ next_attempt_at: at }: Pick<DeliverySummary, 'next_attempt_at'>, now: number): string => {
  const next = instant(at)
  return next === undefined ? '' : `, next try ${age(Math.max(next, now), now)}`
}

/** In a list: what the last attempt came to, `answered 503`. */
export const lastWords = (delivery: Standing): string => {
  const outcome = lastOf(delivery)
  if (outcome) return outcomeWords(outcome)
  return delivery.status === 'cancelled' ? 'not tried' : 'not tried yet'
}

/** Why it cannot be sent again now; `held` is why nothing can be sent to its endpoint. */
export const resendReason = (
  { status, test }: Pick<DeliverySummary, 'status' | 'test'>,
  held: string | undefined,
): string | undefined => {
  if (test) return 'It was a test: test the endpoint again instead'
  return status === 'in_flight' ? 'It is on its way now' : held
}

export const attemptState = (attempt: Pick<DeliveryAttempt, 'status_code' | 'error_code'>): string =>
  isSuccess(attempt) ? 'done' : 'failed'

const header = (headers: Readonly<Record<string, string>>, name: string): string =>
  Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1] ?? ''

/** What a signature of an attempt is over; undefined where it was not signed. */
export const signedOf = (
  { request_headers: headers }: Pick<DeliveryAttempt, 'request_headers'>,
  body: string,
): Signed | undefined => {
  const signature = header(headers, 'webhook-signature')
  if (signature === '') return undefined
  return {
    id: header(headers, 'webhook-id'),
    timestamp: header(headers, 'webhook-timestamp'),
    signature,
    body,
  }
}
