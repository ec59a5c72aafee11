// What is said aloud of the fleet wherever somebody is: breakers that open and close, alerts that fire, operations that end. Never
// more than one sentence in ten seconds, so that it can be listened to.
import type { EventItem } from '../data/live/frames.ts'
import { kindWords } from '../pages/operation/kinds.ts'
import { countOf } from '../ui/format.ts'

type Kind = 'opened' | 'closed' | 'fired' | 'ended'
export interface News {
  kind: Kind
  /** What it is about: a later word on the same takes the place of the one before. */
  about: string
  /** The service of a breaker, the title of an alert, the sentence of an operation. */
  name: string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const holdsBack = (state: string): boolean => state === 'open' || state === 'forced_open'
const isTrying = (state: string): boolean => state === 'half_open'

/** A breaker whose probes fail has been open all the time, and one that is tried is neither. */
const ofBreaker = ({ service, from, to }: Record<string, unknown>): News | undefined => {
  const [before, after] = [text(from), text(to)]
  const wasOpen = holdsBack(before) || isTrying(before)
  const about = { about: `breaker ${text(service)}`, name: text(service) }
  if (holdsBack(after)) return wasOpen ? undefined : { ...about, kind: 'opened' }
  return wasOpen && !isTrying(after) ? { ...about, kind: 'closed' } : undefined
}

const ends: Record<string, string> = {
  succeeded: 'has succeeded',
  partially_succeeded: 'has succeeded in part',
  failed: 'has failed',
  cancelled: 'was cancelled',
}

const ofOperation = ({ operation_id: id, kind, status }: Record<string, unknown>): News => {
  const { doing, thing } = kindWords({ kind: text(kind), undoes: null })
  return { kind: 'ended', about: text(id), name: `${doing} ${thing}s ${ends[text(status)] ?? 'has ended'}.` }
}

/** The live events that are news. */
export const TOPICS = ['circuit-breaker:*', 'alert:firing', 'operation:finished'] as const

/** What an event says that is worth hearing; undefined for the most of them. */
export const newsOf = ({ event, data }: Pick<EventItem, 'event' | 'data'>): News | undefined => {
  if (event === 'circuit-breaker:state-change') return ofBreaker(data)
  if (event === 'alert:firing') return { kind: 'fired', about: text(data['alert_id']), name: text(data['title']) }
  return event === 'operation:finished' ? ofOperation(data) : undefined
}

const NAMED_MAX = 3
const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`

const breakers = (names: readonly string[], did: string): string => {
  if (names.length > NAMED_MAX) return `${names.length} breakers ${did}.`
  return `The breaker${names.length === 1 ? '' : 's'} of ${list(names)} ${did}.`
}

const sentences: Record<Kind, (names: readonly string[]) => string> = {
  opened: (names) => breakers(names, 'opened'),
  fired: (names) => (names.length === 1 ? `Alert: ${names[0] ?? ''}.` : `${countOf(names.length, 'alert')} fired.`),
  closed: (names) => breakers(names, 'closed'),
  ended: (names) => (names.length === 1 ? (names[0] ?? '') : `${countOf(names.length, 'operation')} have ended.`),
}

/** All of it in a breath, what is worst first. */
export const newsWords = (news: readonly News[]): string =>
  Object.entries(sentences)
    .map(([kind, say]) => ({ say, names: news.filter((each) => each.kind === kind).map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0)
    .map(({ say, names }) => say(names))
    .join(' ')

/** What comes together is said together. */
const GATHER_MS = 300
const REST_MS = 10_000
/** It is taken away again, so that the same can be said anew. */
const CLEAR_MS = 5_000

/** Says the first at once and what follows after a rest, together. */
export class Announcer {
  readonly #say: (words: string) => void
  readonly #waiting = new Map<string, News>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #clearing: ReturnType<typeof setTimeout> | undefined
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(say: (words: string) => void) {
    this.#say = say
  }

  heard(event: Pick<EventItem, 'event' | 'data'>): void {
    const news = newsOf(event)
    if (!news) return
    this.#waiting.delete(news.about)
    this.#waiting.set(news.about, news)
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(GATHER_MS, this.#saidAt + REST_MS - Date.now()))
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#clearing)
  }

  #tell(): void {
    this.#timer = undefined
    this.#saidAt = Date.now()
    this.#say(newsWords([...this.#waiting.values()]))
    this.#waiting.clear()
    this.#clearing = setTimeout(() => this.#say(''), CLEAR_MS)
  }
}
