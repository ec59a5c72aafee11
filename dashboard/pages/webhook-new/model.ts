// What making an endpoint asks the API for.
import type { WebhookCreate } from '../../../shared/webhooks/contract.ts'
import type { Draft } from '../../data/draft.ts'
import { namedHeaders, type Settings } from '../webhook-form/fields.ts'

/** The body of the request; a secret is made where none is given. */
export const inputOf = (draft: Draft, settings: Settings): WebhookCreate => {
  const headers = Object.fromEntries(namedHeaders(draft).map(({ name, value }) => [name.trim(), value]))
  const secret = (draft['secret'] ?? '').trim()
  return {
    ...settings,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(secret !== '' && { secret }),
  } as WebhookCreate
}
