// The one connection of this page: it listens the best way that works, and keeps every subscription through every change
// of way, so that a page only says what it wants to know.
import { createSubscriber } from 'svelte/reactivity'
import type { DeltaItem, Frame, Item } from './frames.ts'
import { CLIMB_MS, climbed, failed, heard, rest, startLadder, type Ladder, type Rung } from './ladder.ts'
import { statusOf, type Link, type Status } from './status.ts'
import { Timing } from './timing.ts'
import { keyOf, newSubscription, type Narrowed, type OnEvent, type OnState, type Subscription } from './subscription.ts'
import { emptyTopic, forgetRuns, takeChange, takeSnapshot, type Step, type Topic } from './topic.ts'
import { older } from './wanted.ts'
import { fits, type Filter, type OpenWire, type Wire } from './wire.ts'

export interface LiveOptions {
  wires: Record<Rung, OpenWire>
  now?: () => number
  random?: () => number
  /** Told how far the server's clock is ahead, ms. */
  onClock?: (aheadMs: number) => void
  /** Told when events are missing and pages must fetch anew: lost for good, or left out because this page was behind. */
  onGap?: (isBehind: boolean) => void
}

const PING_MS = 5_000
const SILENCE_MS = 12_000
/** A poll that has nothing to tell is answered after 25 s. */
const LONG_SILENCE_MS = 45_000
/** A position that was told so long ago counts as dealt with: a server gathers for a second at most, and tells none while facts wait
 *  for longer. */
const SETTLED_MS = 2_000
/** A Redis that is away mostly is for seconds. */
const AGAIN_MS = 5_000

export class Live {
  readonly #options: Required<LiveOptions>
  readonly #timing = new Timing()
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #ways = new Set<() => void>()
  readonly #silences = new Set<(silentMs: number) => void>()
  #ladder: Ladder = startLadder()
  #wire: Wire | undefined
  #climber: Wire | undefined
  #standing: Link['standing'] = 'connecting'
  #heardAt: number | undefined
  /** Since when nothing was heard, or tried. */
  #quietSince = 0
  #openedAt = 0
  #cursor: string | undefined
  #position: string | undefined
  #reached: { position: string; at: number } | undefined
  #pinged: number | undefined
  #latest = 0
  #timers: {
    again?: ReturnType<typeof setTimeout>
    beat?: ReturnType<typeof setInterval>
    climb?: ReturnType<typeof setTimeout>
  } = {}
  #notify = (): void => undefined
  readonly #watch = createSubscriber((update) => {
    this.#notify = update
    return () => (this.#notify = () => undefined)
  })

  constructor(options: LiveOptions) {
    this.#options = { now: Date.now, random: Math.random, onClock: () => undefined, onGap: () => undefined, ...options }
  }

  /** How the connection is, in words; reactive in components. */
  status(zone?: string): Status {
    this.#watch()
    const { rung } = this.#ladder
    const age = this.#timing.age ?? this.#timing.way
    return statusOf({ standing: this.#standing, rung, age, heardAt: this.#heardAt }, zone)
  }

  /** Where the log was a moment ago: what happens from now on comes after it. */
  get position(): string | undefined {
    return this.#position
  }

  /** Follows a state topic: called with all its rows and the keys of those that changed. Answers how to stop. */
  state(topic: string, onState: OnState): () => void {
    const subscription = this.#join(topic)
    subscription.onState.add(onState)
    if (subscription.state.epoch !== undefined) onState(subscription.state.rows, undefined)
    return () => this.#leave(subscription, subscription.onState, onState)
  }

  /** Hears each event of a pattern (`dlq:*`) once. Answers how to stop. */
  events(pattern: string, onEvent: OnEvent, { filter, after, onBehind }: Narrowed = {}): () => void {
    const subscription = this.#join(pattern, filter, after)
    subscription.onEvent.add(onEvent)
    if (onBehind) subscription.onBehind.add(onBehind)
    return () => {
      if (onBehind) subscription.onBehind.delete(onBehind)
      this.#leave(subscription, subscription.onEvent, onEvent)
    }
  }

  /** Follows in a manner of its own on each way of listening: `follow` is called with the one in use, and after what it
   *  answered was called to stop, anew with another. Answers how to stop for good. */
  byWay(follow: (way: Rung) => () => void): () => void {
    let way = this.#ladder.rung
    let stop = follow(way)
    const look = (): void => {
      if (way === this.#ladder.rung) return
      way = this.#ladder.rung
      stop()
      stop = follow(way)
    }
    this.#ways.add(look)
    return () => {
      this.#ways.delete(look)
      stop()
    }
  }

  /** Calls back when something is heard again after more than 12 s, with for how long nothing was, ms. Answers how to stop. */
  onSilence(listener: (silentMs: number) => void): () => void {
    this.#silences.add(listener)
    return () => this.#silences.delete(listener)
  }

  start(): void {
    this.#timers.beat ??= setInterval(() => this.#beat(), PING_MS)
    this.#connect()
  }

  /** Ends the connection; subscriptions are kept for the next `start`. */
  stop(standing: 'paused' | 'offline' | 'connecting' | 'refreshed' = 'paused'): void {
    clearInterval(this.#timers.beat)
    clearTimeout(this.#timers.again)
    clearTimeout(this.#timers.climb)
    this.#timers = {}
    this.#wire?.close()
    this.#climber?.close()
    this.#wire = this.#climber = undefined
    this.#become(standing)
  }

  /** Tries at once instead of resting, as when the network or the page comes back. */
  hurry(): void {
    if (this.#standing !== 'open') {
      this.stop('connecting')
      this.start()
    }
  }

  #join(topic: string, filter?: Filter, after?: string): Subscription {
    const key = keyOf({ topic, filter })
    const known = this.#subscriptions.get(key)
    if (known) return known
    const made = newSubscription(topic, filter)
    made.told = after
    this.#subscriptions.set(key, made)
    if (this.#standing === 'open') this.#subscribe(made, after ?? this.#position)
    return made
  }

  #leave<Handler>(subscription: Subscription, handlers: Set<Handler>, handler: Handler): void {
    handlers.delete(handler)
    if (subscription.onState.size + subscription.onEvent.size > 0) return
    this.#subscriptions.delete(keyOf(subscription))
    this.#wire?.forget(subscription.id)
  }

  #subscribe(subscription: Subscription, from: string | undefined): void {
    subscription.id = ++this.#latest
    subscription.state = { ...emptyTopic(), rows: subscription.state.rows }
    subscription.told = from
    subscription.askedAt = this.#options.now()
    const { id, topic, filter } = subscription
    this.#wire?.listen({ id, topic, filter, after: topic.startsWith('state:') ? undefined : from })
  }

  /** What could not be read is not told, now or later: it is asked for again, on a new connection where this one does not say what it is. */
  #askAgain(id: number | undefined): void {
    const wire = this.#wire
    setTimeout(() => {
      if (!id) return this.#wire === wire && this.#giveUp()
      const subscription = this.#byId(id)
      if (!subscription || this.#standing !== 'open') return
      this.#wire?.forget(subscription.id)
      this.#subscribe(subscription, subscription.told)
    }, AGAIN_MS)
  }

  #connect(): void {
    clearTimeout(this.#timers.again)
    this.#wire?.close()
    this.#quietSince = this.#options.now()
    const wire: Wire = this.#options.wires[this.#ladder.rung]({
      open: () => this.#wire === wire && this.#opened(),
      frame: (frame) => this.#wire === wire && this.#take(frame),
      closed: () => this.#wire === wire && this.#lost(),
    })
    this.#wire = wire
  }

  #opened(): void {
    this.#openedAt = this.#options.now()
    // Before the way is open, so that what is followed from now on is subscribed to with all else.
    for (const look of this.#ways) look()
    this.#become('open')
    for (const subscription of this.#subscriptions.values())
      this.#subscribe(subscription, subscription.told ?? this.#cursor)
    this.#pinged = this.#options.now()
    this.#wire?.ping()
    if (this.#ladder.rung !== 'ws') this.#timers.climb ??= setTimeout(() => this.#climb(), CLIMB_MS)
  }

  #giveUp(): void {
    this.#wire?.close()
    this.#lost()
  }

  #lost(): void {
    this.#wire = undefined
    this.#ladder = failed(this.#ladder, this.#options.now())
    this.#become('lost')
    this.#timers.again = setTimeout(() => this.#connect(), rest(this.#ladder, this.#options.random()))
  }

  /** Tries the WebSocket beside the way in use, and moves over once it works. */
  #climb(): void {
    delete this.#timers.climb
    const climber = this.#options.wires.ws({
      open: () => {
        this.#climber?.close()
        this.#climber = undefined
        this.#ladder = climbed()
        // Not open until the new wire is: who joins meanwhile is subscribed with all others.
        this.#standing = 'connecting'
        this.#connect()
      },
      frame: () => undefined,
      closed: () => {
        this.#climber = undefined
        this.#timers.climb ??= setTimeout(() => this.#climb(), CLIMB_MS)
      },
    })
    this.#climber = climber
  }

  #beat(): void {
    const now = this.#options.now()
    // Also one that does not open: on a line that died without a word nothing is answered, for a quarter of an hour.
    const isQuick = this.#ladder.rung === 'ws' || this.#standing !== 'open'
    const silent = now - this.#quietSince > (isQuick ? SILENCE_MS : LONG_SILENCE_MS)
    if (this.#wire && silent) return this.#giveUp()
    this.#pinged = now
    this.#wire?.ping()
    this.#notify()
  }

  #become(standing: Link['standing']): void {
    this.#standing = standing
    this.#notify()
  }

  #take(frame: Frame): void {
    const now = this.#options.now()
    const silentMs = now - (this.#heardAt ?? now)
    this.#heardAt = this.#quietSince = now
    if (silentMs > SILENCE_MS) for (const tell of this.#silences) tell(silentMs)
    this.#ladder = heard(this.#ladder)
    switch (frame.type) {
      case 'hello':
        this.#cursor ??= frame.cursor
        this.#position = frame.cursor
        if (frame.now !== undefined) this.#greet(now, frame.now)
        return
      case 'pong':
        if (frame.cursor !== undefined) this.#reach(frame.cursor, now)
        if (frame.at !== undefined && this.#pinged !== undefined) this.#clock(this.#pinged, now, frame.at)
        return
      case 'snapshot':
        this.#position = frame.cursor ?? this.#position
        return this.#step(this.#subscriptions.get(frame.topic), frame.sub, (topic) =>
          takeSnapshot(topic, frame.epoch, frame.seq, frame.rows),
        )
      case 'items':
        if (frame.at !== undefined) this.#timing.sent(frame.at, now)
        for (const item of frame.items) {
          if (item.kind === 'delta') this.#delta(item)
          else this.#event(item, now)
        }
        return
      case 'gap':
        return this.#gap(frame.isBehind ? this.#byId(frame.sub)?.onBehind : undefined, frame.isBehind)
      case 'error':
        if (frame.code === 'redis-unavailable') this.#askAgain(frame.sub)
        return
      case 'subscribed':
        return
      default:
        frame satisfies never
    }
  }

  /** The log is there by now. All that was told of it before this page's last look is here or was said to be missing, so that
   *  another way need not tell it again: a page that heard nothing for hours would be told all of them. */
  #reach(position: string, now: number): void {
    this.#position = position
    if (this.#reached !== undefined && now - this.#reached.at < SETTLED_MS) return
    const before = this.#reached?.position
    this.#reached = { position, at: now }
    if (before === undefined) return
    const isBefore = (told: string | undefined): boolean => told === undefined || older(told, before) < 0
    if (isBefore(this.#cursor)) this.#cursor = before
    for (const subscription of this.#subscriptions.values())
      // The answer to a ping of before it was asked for says nothing of what is still read for it.
      if (subscription.askedAt < (this.#pinged ?? 0) && isBefore(subscription.told)) subscription.told = before
  }

  #greet(now: number, server: number): void {
    this.#timing.greeted(now, server)
    this.#options.onClock(this.#timing.ahead)
  }

  #clock(sent: number, received: number, server: number): void {
    this.#timing.answered(sent, received, server)
    this.#options.onClock(this.#timing.ahead)
  }

  #gap(own: ReadonlySet<() => void> | undefined, isBehind: boolean): void {
    if (!own?.size) return this.#options.onGap(isBehind)
    for (const tell of own) tell()
  }

  #byId(id: number | undefined): Subscription | undefined {
    return [...this.#subscriptions.values()].find((subscription) => subscription.id === id)
  }

  #delta(item: DeltaItem): void {
    this.#step(this.#subscriptions.get(item.topic), item.sub, (topic) => takeChange(topic, item), [
      ...Object.keys({ ...item.set, ...item.patch }),
      ...item.del,
    ])
  }

  #step(
    subscription: Subscription | undefined,
    sub: number | undefined,
    take: (topic: Topic) => Step,
    changed?: readonly string[],
  ): void {
    if (!subscription || (sub !== undefined && sub !== subscription.id)) return
    const step = take(subscription.state)
    if (step === 'applied') for (const tell of subscription.onState) tell(subscription.state.rows, changed)
    forgetRuns(subscription.state, this.#options.now() + this.#timing.ahead)
    if (step !== 'resync') return
    this.#wire?.forget(subscription.id)
    this.#subscribe(subscription, undefined)
  }

  #event(event: Extract<Item, { kind: 'event' }>, now: number): void {
    this.#cursor = event.id
    // What happened while nobody was connected is old by nature and says nothing of the connection.
    const at = Date.parse(event.ts)
    if (at - this.#timing.ahead > this.#openedAt) this.#timing.happened(at, now)
    // A way that does not say whose it is tells the log in order to all, from where the one who was told least ended.
    const isShared = event.sub === undefined
    for (const subscription of this.#subscriptions.values()) {
      const { id, topic, told, onEvent } = subscription
      if (isShared ? told !== undefined && older(event.id, told) <= 0 : event.sub !== id) continue
      subscription.told = event.id
      if (!isShared || fits(topic, event.event)) for (const tell of onEvent) tell(event)
    }
  }
}
