// What a page wants to know: a state topic or a pattern of events, with everyone who follows it.
import type { EventItem } from './frames.ts'
import { emptyTopic, type Topic } from './topic.ts'
import type { Filter } from './wire.ts'

export type Rows = ReadonlyMap<string, unknown>
/** `changed` names the rows that are new, changed or gone; undefined means all of them. */
export type OnState = (rows: Rows, changed: readonly string[] | undefined) => void
export type OnEvent = (event: EventItem) => void

export interface Narrowed {
  filter?: Filter | undefined
  /** Also what happened since then, a `position` of before; that of now unless given. */
  after?: string | undefined
  /** Told, instead of the whole page, when this page was behind and events were left out. */
  onBehind?: () => void
}

export interface Subscription {
  id: number
  topic: string
  filter: Filter | undefined
  state: Topic
  /** Up to where events were told to it, or need not be; undefined before it is subscribed to. */
  told: string | undefined
  /** When it was last asked for, epoch ms. */
  askedAt: number
  onState: Set<OnState>
  onEvent: Set<OnEvent>
  onBehind: Set<() => void>
}

/** Tells subscriptions apart: everyone who wants the same shares one. */
export const keyOf = ({ topic, filter }: Pick<Subscription, 'topic' | 'filter'>): string =>
  filter ? topic + JSON.stringify(filter) : topic

export const newSubscription = (topic: string, filter: Filter | undefined): Subscription => ({
  ...{ id: 0, topic, filter, state: emptyTopic(), told: undefined, askedAt: 0 },
  ...{ onState: new Set(), onEvent: new Set(), onBehind: new Set() },
})
