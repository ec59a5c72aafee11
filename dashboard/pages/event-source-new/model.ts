// What making an event source asks the API for.
import type { EventSourceInput } from '../../../shared/inbound/contract.ts'
import type { Draft } from '../../data/draft.ts'
import type { Reading } from './form.ts'

/** The body of the request; what is usual for the scheme is left to the server. */
export const inputOf = (draft: Draft, { name, verify, emit }: Reading): EventSourceInput => {
  const secret = (draft['secret'] ?? '').trim()
  const checked = verify.scheme === 'none' || secret === '' ? verify : { ...verify, secret }
  return { name, verify: checked, ...(emit !== undefined && { emit }) } as EventSourceInput
}
