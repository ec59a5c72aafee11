// The events that endpoints can be sent: their names, what their data looks like, and whether a pattern means any of them.
import { z } from 'zod'
import { exampleOf } from '../event-examples.ts'
import { events, isOwnName } from '../events.ts'
import type { EventKind } from '../kernel/event.ts'
import { matchesName } from '../kernel/name-words.ts'
import { UnknownEventType } from './contract.ts'
import type { EventType } from './contract.ts'
import { isForSubscribers, leaves } from './policy.ts'

/** Those that an endpoint of a subscriber, or of none, may be sent. */
const kindsFor = (subscriber: string | null): readonly EventKind[] =>
  (events as readonly EventKind[]).filter(
    (kind) => leaves(kind.name) && (subscriber === null || isForSubscribers(kind)),
  )

/** Refuses names of k1n's own that no event has; others are of events from outside, whose names nobody knows before. Problem:
 *  `unknown-event-type`, which says those that there are. */
export const checkEventTypes = (patterns: readonly string[], subscriber: string | null): void => {
  const kinds = kindsFor(subscriber)
  const wrong = patterns.flatMap((pattern, index) =>
    pattern !== '*' && isOwnName(pattern) && !kinds.some(({ name }) => matchesName(pattern, name))
      ? [{ pattern, index }]
      : [],
  )
  if (wrong.length === 0) return
  throw unknown(
    wrong.map(({ pattern }) => pattern).join(', '),
    kinds,
    wrong.map(({ index }) => `#/event_types/${index}`),
  )
}

/** The kind that a test is asked for. Problem: `unknown-event-type`. */
export const kindToTest = (name: string, subscriber: string | null): EventKind => {
  const kinds = kindsFor(subscriber)
  const found = kinds.find((kind) => kind.name === name)
  if (found === undefined) throw unknown(name, kinds, ['#/event_type'])
  return found
}

const unknown = (said: string, kinds: readonly EventKind[], pointers: string[]) =>
  UnknownEventType(
    `No event that this webhook can be sent is called ${said}. There are ${kinds.map(({ name }) => name).join(', ')}.`,
    {
      errors: pointers.map((pointer) => ({ pointer, code: 'unknown', detail: 'means no event' })),
      members: { event_types: kinds.map(({ name }) => name) },
    },
  )

const described = new Map<EventKind, EventType>()

/** All that an endpoint may be sent, for those who write a receiver. */
export const eventTypesFor = (subscriber: string | null): EventType[] =>
  kindsFor(subscriber).map((kind) => described.get(kind) ?? describe(kind))

const describe = (kind: EventKind): EventType => {
  const { name, live, description, data } = kind
  const example = exampleOf(name)
  const type = { type: name, live, description, schema: z.toJSONSchema(data), ...(example && { example }) }
  described.set(kind, type)
  return type
}
