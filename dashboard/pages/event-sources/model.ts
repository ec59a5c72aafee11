// Event sources in words: what came through each, and why something was refused.
import type { EventSource } from '../../../shared/inbound/contract.ts'
import type { Refusal } from '../../../shared/inbound/words.ts'
import { count, countOf } from '../../ui/format.ts'

export type Standing = 'off' | 'refusing' | 'receiving' | 'unused'
type Judged = Pick<EventSource, 'enabled' | 'last_received_at' | 'last_refusal'>

/** How a source fares: what it refused since it took something is what counts. */
export const standingOf = ({ enabled, last_received_at: received, last_refusal: refusal }: Judged): Standing => {
  if (!enabled) return 'off'
  if (refusal !== null && (received === null || refusal.at > received)) return 'refusing'
  return received === null ? 'unused' : 'receiving'
}

/** The state whose icon and colour a standing has, and its own word. */
export const lookOf: Record<Standing, { state: string; word: string }> = {
  off: { state: 'paused', word: 'Paused' },
  refusing: { state: 'failed', word: 'Refusing' },
  receiving: { state: 'done', word: 'Receiving' },
  unused: { state: 'idle', word: 'Nothing came yet' },
}

const refusals: Partial<Record<Refusal, string>> = {
  missing_header: 'a header of the signature was missing',
  wrong_signature: 'it was signed with another secret, or changed on the way',
  wrong_time: 'it was signed too long ago, or ahead of time',
  disabled: 'the source was paused',
  unreadable_body: 'its body could not be read',
  no_secret: 'there is no secret to check with yet',
  secret_unreadable: 'the secret cannot be opened with the key of this installation',
}

/** Why the last one was refused; a reason that this version does not know, as it is. */
export const refusalWords = (reason: string): string => refusals[reason as Refusal] ?? reason.replaceAll('_', ' ')

/** `1,204 taken, 3 came twice, 2 refused`. */
export const countWords = ({ received, duplicates, refused }: EventSource): string =>
  [
    `${count(received)} taken`,
    duplicates > 0 ? `${count(duplicates)} came twice` : '',
    refused > 0 ? `${count(refused)} refused` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')

/** What the page says above the list. */
export const summaryWords = (list: readonly EventSource[]): string => {
  const refusing = list.filter((source) => standingOf(source) === 'refusing').length
  const all = countOf(list.length, 'source')
  return refusing === 0 ? `${all}.` : `${all}, ${countOf(refusing, 'of them refuses', 'of them refuse')} what comes.`
}

const REFUSING_FIRST: Record<Standing, number> = { refusing: 0, receiving: 1, unused: 1, off: 2 }

export const sortSources = (list: readonly EventSource[]): EventSource[] =>
  [...list].sort(
    (one, other) =>
      REFUSING_FIRST[standingOf(one)] - REFUSING_FIRST[standingOf(other)] || one.name.localeCompare(other.name),
  )
