// One event source in words, and what changing it asks the API for.
import type { EventSource, EventSourcePatch } from '../../../shared/inbound/contract.ts'
import { changedIn, type Draft } from '../../data/draft.ts'
import { absolute, age, instant } from '../../ui/format.ts'
import { countWords, refusalWords, standingOf } from '../event-sources/model.ts'
import { schemeWords } from '../event-sources/schemes.ts'
import { draftOf, type Reading } from '../event-source-new/form.ts'

/** How it fares, in a sentence or two. `zone` is the one times are shown in. */
export const standingLine = (source: EventSource, now: number, zone?: string): string => {
  const received = instant(source.last_received_at)
  const refused = instant(source.last_refusal?.at)
  const last = (what = 'delivery'): string =>
    received === undefined ? 'Nothing came through it yet.' : `The last ${what} came ${age(received, now)}.`
  switch (standingOf(source)) {
    case 'off':
      return `Paused: everything that comes is refused. ${last()}`
    case 'refusing': {
      const at = refused === undefined ? '' : ` at ${absolute(refused, now, zone)}`
      const why = refusalWords(source.last_refusal?.reason ?? '')
      return `Refusing: what came${at} was refused because ${why}. ${last('one taken')}`
    }
    case 'receiving':
    case 'unused':
      return last()
  }
}

export interface Fact {
  label: string
  value: string
}

/** What it is, without what says nothing. */
export const factsOf = (source: EventSource): Fact[] =>
  [
    { label: 'Checked by', value: schemeWords(source.verify.scheme) },
    { label: 'So far', value: countWords(source) },
    { label: 'Told as', value: tellsWords(source) },
    { label: 'Made by', value: source.created_by },
  ].filter(({ value }) => value !== '')

/** `webhook.received and github.<X-GitHub-Event>`. */
export const tellsWords = ({ emit }: Pick<EventSource, 'emit'>): string => {
  if (emit === null) return 'webhook.received'
  const { event, append } = emit
  const tail = append === null ? '' : `.<${'header' in append ? append.header : append.path}>`
  return `webhook.received and ${event}${tail}`
}

type Secret = EventSource['secrets'][number]

/** `…f9a1 is taken` and `…0c2e is taken beside it until 12:04:00, in 23 h`. */
export const secretWords = ({ hint, expires_at: expires }: Secret, now: number, zone?: string): string => {
  const ends = instant(expires)
  if (ends === undefined) return `…${hint} is taken.`
  if (ends <= now) return `…${hint} is taken no more.`
  return `…${hint} is taken beside it until ${absolute(ends, now, zone)}, ${age(ends, now)}.`
}

const VERIFY = ['tolerance', 'header', 'prefix', 'encoding', 'id_header']
const EMIT = ['tells', 'event', 'append', 'append_name']

/** What of a draft differs from what is saved, as the API takes it. */
export const patchOf = (draft: Draft, source: EventSource, { name, verify, emit }: Reading): EventSourcePatch => {
  const changed = changedIn(draft, draftOf(source))
  const touched = (fields: readonly string[]): boolean => fields.some((field) => changed.includes(field))
  return {
    ...(touched(['name']) && { name }),
    ...(touched(VERIFY) && { verify }),
    ...(touched(EMIT) && { emit: emit ?? null }),
  }
}

const labels: Readonly<Record<string, string>> = {
  name: 'the name',
  tolerance: 'how old a signature may be',
  header: 'the header',
  prefix: 'what stands before the signature',
  encoding: 'how the signature is written',
  id_header: 'what tells deliveries apart',
  tells: 'what it is told as',
  event: 'what it is told as',
  append: 'what it is told as',
  append_name: 'what it is told as',
}

/** Names of fields for a sentence, each thing once. */
export const fieldNames = (fields: readonly string[]): string =>
  [...new Set(fields.flatMap((field) => labels[field] ?? []))].join(', ')
