// Endpoints that facts are sent to, in words: how each fares, what is going to happen, and what can be done about it.
import type { Endpoint } from '../../data/webhooks.ts'
import { outcomeWords } from './outcome.ts'
import { age, clockTime, count, countOf, dayOf, instant, percent } from '../../ui/format.ts'

/** How an endpoint fares, by the worst that is true of it. */
export type Standing = 'paused' | 'gone' | 'turned_off' | 'failing' | 'healthy' | 'unused'

export const standingOf = ({
  enabled,
  disabled_reason: reason,
  consecutive_failures: failures,
  last_success_at: success,
}: Pick<Endpoint, 'enabled' | 'disabled_reason' | 'consecutive_failures' | 'last_success_at'>): Standing => {
  if (!enabled) return reason === 'gone' ? 'gone' : reason === 'failing' ? 'turned_off' : 'paused'
  if (failures > 0) return 'failing'
  return success === null ? 'unused' : 'healthy'
}

/** The state whose icon and colour a standing has, and its own word. */
export const lookOf: Record<Standing, { state: string; word: string }> = {
  paused: { state: 'paused', word: 'Paused' },
  gone: { state: 'disabled', word: 'Turned off' },
  turned_off: { state: 'disabled', word: 'Turned off' },
  failing: { state: 'failed', word: 'Failing' },
  healthy: { state: 'done', word: 'Healthy' },
  unused: { state: 'idle', word: 'Nothing sent yet' },
}

const RANK: Record<Standing, number> = { failing: 0, gone: 1, turned_off: 1, paused: 2, healthy: 3, unused: 3 }

/** Those that need somebody first, then by what waits for them and what they are called. */
export const sortWebhooks = (list: readonly Endpoint[]): Endpoint[] =>
  [...list].sort(
    (one, other) =>
      RANK[standingOf(one)] - RANK[standingOf(other)] ||
      backlogOf(other) - backlogOf(one) ||
      one.url.localeCompare(other.url),
  )

const backlogOf = ({ health }: Endpoint): number => health?.backlog ?? 0

/** What the page says above the list. */
export const summaryWords = (list: readonly Endpoint[]): string => {
  const failing = list.filter((webhook) => standingOf(webhook) === 'failing').length
  const off = list.filter(({ enabled }) => !enabled).length
  const still = off === 0 ? '' : ` ${countOf(off, 'endpoint gets', 'endpoints get')} nothing: paused or turned off.`
  if (failing > 0) return `${countOf(failing, 'endpoint fails', 'endpoints fail')}.${still}`
  return off === list.length ? still.trim() : `Every endpoint that is on takes what it is sent.${still}`
}

/** The clock for what is of the last day, the day with it for what is older. */
const since = (at: number, now: number, zone?: string): string =>
  now - at < 86_400_000 ? clockTime(at, zone).slice(0, 5) : `${dayOf(at, zone)}, ${clockTime(at, zone).slice(0, 5)}`

/** What is going to happen to an endpoint that fails: until when it rests, when it turns itself off. */
export const nextWords = ({ health }: Pick<Endpoint, 'health'>, now: number): string =>
  [
    health?.rests_until ? `next try ${ahead(health.rests_until, now)}` : '',
    health?.disables_at ? `turns itself off ${ahead(health.disables_at, now)}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')

const ahead = (at: string, now: number): string => age(Math.max(instant(at) ?? now, now), now)

const offWords: Record<'gone' | 'turned_off' | 'paused', string> = {
  gone: 'The receiver said that it is gone for good (410)',
  turned_off: 'It failed for too long',
  paused: 'Paused by hand',
}

/** How it stands in a sentence or two. `zone` is the one times are shown in. */
export const standingLine = (webhook: Endpoint, now: number, zone?: string): string => {
  const standing = standingOf(webhook)
  switch (standing) {
    case 'paused':
    case 'gone':
    case 'turned_off': {
      const at = instant(webhook.disabled_at)
      return `${offWords[standing]}${at === undefined ? '' : `, since ${since(at, now, zone)}`}. Nothing is sent to it.`
    }
    case 'failing': {
      const from = instant(webhook.health?.failing_since)
      const next = nextWords(webhook, now)
      return `${countOf(webhook.consecutive_failures, 'failure')} in a row${from === undefined ? '' : ` since ${since(from, now, zone)}`}${next === '' ? '' : `; ${next}`}.`
    }
    case 'unused':
      return 'Nothing was sent to it yet.'
    case 'healthy':
      return webhook.health?.attempts ? `${rateWords(webhook)} arrived.` : 'The last delivery arrived.'
  }
}

/** What its last failure was, `It answered 503 (http_503)`; nothing where that is not known. */
export const failureWords = ({ last_failure: last }: Pick<Endpoint, 'last_failure'>): string => {
  if (last === null) return ''
  return `It ${outcomeWords(last)}${last.error_code === null ? '' : ` (${last.error_code})`}`
}

/** `99.70 % of 1,204`; a dash while nothing is known. */
export const rateWords = ({ health }: Pick<Endpoint, 'health'>): string =>
  health?.attempts ? `${percent(health.arrived / health.attempts)} of ${count(health.attempts)}` : '–'

/** `All facts`, `job.*`, `error_recovery.retry_attempt, dlq.* and 2 more`. */
export const typesWords = (patterns: readonly string[], shown = 2): string => {
  if (patterns.includes('*')) return 'All facts'
  const rest = patterns.length - shown
  return `${patterns.slice(0, shown).join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`
}

/** Whether part of what one calls an endpoint by is in it. */
export const fits = ({ url, description, subscriber }: Endpoint, q: string): boolean =>
  [url, description, subscriber ?? ''].some((text) => text.toLowerCase().includes(q.toLowerCase()))
