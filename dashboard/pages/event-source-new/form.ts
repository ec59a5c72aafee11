// A source as fields of a form: how deliveries are checked and what they are told as.
import type { EventSource } from '../../../shared/inbound/contract.ts'
import type { Verify } from '../../../shared/inbound/words.ts'
import { numberText, readNumber, type Draft } from '../../data/draft.ts'
import { schemeNames, type Scheme } from '../event-sources/schemes.ts'

export const emptyDraft: Draft = {
  name: '',
  scheme: 'github',
  secret: '',
  tolerance: '300',
  header: '',
  prefix: '',
  encoding: 'hex',
  id_header: '',
  tells: 'usual',
  event: '',
  append: 'nothing',
  append_name: '',
}

export const draftOf = ({ name, verify, emit }: EventSource): Draft => ({
  ...emptyDraft,
  ...verifyDraft(verify),
  name,
  tells: emit === null ? 'nothing' : 'own',
  event: emit?.event ?? '',
  ...appendDraft(emit?.append ?? null),
})

const verifyDraft = (verify: Verify): Draft => {
  const { scheme } = verify
  switch (scheme) {
    case 'standard_webhooks':
    case 'stripe':
    case 'slack':
      return { scheme, tolerance: numberText(verify.tolerance_s) }
    case 'github':
      return { scheme }
    case 'hmac':
      return {
        scheme,
        header: verify.signature_header,
        prefix: verify.prefix,
        encoding: verify.encoding,
        id_header: verify.id_header ?? '',
      }
    case 'shared_secret':
      return { scheme, header: verify.header, id_header: verify.id_header ?? '' }
    case 'none':
      return { scheme, id_header: verify.id_header ?? '' }
  }
}

const appendDraft = (append: NonNullable<EventSource['emit']>['append']): Draft => {
  if (append === null) return { append: 'nothing', append_name: '' }
  return 'header' in append
    ? { append: 'header', append_name: append.header }
    : { append: 'path', append_name: append.path }
}

export const schemeIn = (draft: Draft): Scheme => schemeNames.find((name) => name === draft['scheme']) ?? 'github'

export interface Reading {
  name: string
  verify: Verify
  /** Undefined: what is usual for the scheme. */
  emit: EventSource['emit'] | undefined
  errors: Record<string, string>
}

const HEADER = /^[A-Za-z0-9-]{1,64}$/
const EVENT = /^[a-z][a-z0-9_-]{0,63}(?:\.[a-z0-9][a-z0-9_-]{0,63}){0,5}$/

/** What a form asks for, and what is wrong with it by field. */
export const readForm = (draft: Draft): Reading => {
  const errors: Reading['errors'] = {}
  const name = (draft['name'] ?? '').trim()
  if (name === '') errors['name'] = 'Give it a name.'
  const verify = verifyOf(draft, errors)
  return { name, verify, emit: emitOf(draft, errors), errors }
}

const headerIn = (draft: Draft, field: string, errors: Reading['errors'], optional = false): string => {
  const text = (draft[field] ?? '').trim()
  if (!HEADER.test(text) && !(optional && text === '')) errors[field] = 'Write the name of a header.'
  return text
}

const verifyOf = (draft: Draft, errors: Reading['errors']): Verify => {
  const scheme = schemeIn(draft)
  const idHeader = (): string | null => headerIn(draft, 'id_header', errors, true) || null
  switch (scheme) {
    case 'standard_webhooks':
    case 'stripe':
    case 'slack': {
      const read = readNumber(draft['tolerance'] ?? '', { min: 30, max: 3_600, whole: true })
      if ('error' in read) errors['tolerance'] = read.error
      return { scheme, tolerance_s: 'value' in read ? (read.value ?? 300) : 300 }
    }
    case 'github':
      return { scheme }
    case 'hmac':
      return {
        scheme,
        signature_header: headerIn(draft, 'header', errors),
        prefix: (draft['prefix'] ?? '').trim(),
        encoding: draft['encoding'] === 'base64' ? 'base64' : 'hex',
        id_header: idHeader(),
      }
    case 'shared_secret':
      return { scheme, header: headerIn(draft, 'header', errors), id_header: idHeader() }
    case 'none':
      return { scheme, id_header: idHeader() }
  }
}

const emitOf = (draft: Draft, errors: Reading['errors']): Reading['emit'] => {
  if (draft['tells'] === 'usual') return undefined
  if (draft['tells'] === 'nothing') return null
  const event = (draft['event'] ?? '').trim()
  if (!EVENT.test(event)) errors['event'] = 'Write words of lower-case letters, parted by dots, such as crm.contact.'
  const name = (draft['append_name'] ?? '').trim()
  if (draft['append'] === 'nothing') return { event, append: null }
  if (name === '') errors['append_name'] = draft['append'] === 'header' ? 'Name the header.' : 'Name the member.'
  return { event, append: draft['append'] === 'header' ? { header: name } : { path: name } }
}

/** The field of the form that a member of the API's stands in. */
const fields: Readonly<Record<string, string>> = {
  'verify/secret': 'secret',
  secret: 'secret',
  'verify/tolerance_s': 'tolerance',
  'verify/signature_header': 'header',
  'verify/header': 'header',
  'verify/prefix': 'prefix',
  'verify/id_header': 'id_header',
  'emit/event': 'event',
  'emit/append/header': 'append_name',
  'emit/append/path': 'append_name',
}

/** What the API finds wrong, by field of the form. */
export const refusalsOf = (found: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([pointer, detail]) => [fields[pointer] ?? pointer, detail]))
