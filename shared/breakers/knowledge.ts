// What one process knows of the fleet's breakers: read once, pushed since, asked for where pushes may have been lost, and
// gone on from alone while Redis is away.
import type { Kernel } from '../kernel/kernel.ts'
import { goAlone } from './alone.ts'
import { createContact } from './contact.ts'
import { setView } from './line.ts'
import type { BreakerView, Line, OnCall } from './line.ts'
import type { Command } from './policy.ts'
import { createBreakerStore, parseBrief } from './store.ts'
import type { Brief, Decided, Word } from './store.ts'
import type { BreakerConfig } from './words.ts'

export interface Knowledge {
  /** Whether the states in memory are as new as the promise of `BreakerClient` says. */
  readonly isFresh: boolean
  /** Whether Redis is away. */
  readonly isLost: boolean
  /** ms since this process last heard how things are. */
  readonly silenceMs: () => number
  readonly viewOf: (service: string) => BreakerView
  /** Shows a state on a line and tells whoever listens. */
  readonly show: (line: Line, view: BreakerView) => void
  /** Takes in a push. */
  readonly hear: (text: string) => void
  /** Brings everything up to date, once for all who wait for it. Never throws. */
  readonly catchUp: () => Promise<void>
  /** Carries a command out in the fleet's breaker and takes in what it came to. Throws while Redis is away. */
  command(line: Line, what: Command): Promise<Decided>
  /** Redis is away: every breaker goes on from what was known last, decided by this process alone. */
  readonly lose: (error: unknown) => void
  /** Nothing keeps the states fresh from now on. */
  rest(): void
  /** Waits a moment for connections that are only just being made. */
  begin(subscribed: Promise<unknown>): Promise<void>
  /** A moment of Redis in this process's time; 0 stays 0. */
  readonly toLocal: (ms: number) => number
}

export interface KnowledgeNeeds {
  lines: ReadonlyMap<string, Line>
  configOf: (service: string) => BreakerConfig
  onCall: OnCall
  /** Hears of every service, also of those nobody has asked about here. */
  onChange: (service: string, view: BreakerView) => void
}

/** A breaker that never changed. */
const UNTOUCHED: Word = { state: 'closed', gen: 0, since: 0, until: 0, reason: '' }

export const createKnowledge = (kernel: Kernel, { lines, configOf, onCall, onChange }: KnowledgeNeeds): Knowledge => {
  const { clock } = kernel
  const store = createBreakerStore(kernel)
  const contact = createContact(kernel)
  /** All breakers that ever changed, by the newest word of each. */
  let briefs = new Map<string, Brief>()
  /** The newest change of any breaker that is known here. */
  let revision = 0
  /** How far Redis's clock is ahead of this process's. */
  let skewMs = 0
  let isFresh = false
  let heardAt = Number.NEGATIVE_INFINITY
  let catching: Promise<void> | undefined

  const toLocal = (ms: number): number => (ms === 0 ? 0 : Math.ceil(ms - skewMs))
  const toView = ({ state, gen, since, until }: Word): BreakerView => ({
    state,
    generation: gen,
    sinceMs: toLocal(since),
    untilMs: toLocal(until),
    local: false,
  })
  const show = (line: Line, view: BreakerView): void => {
    const { state, generation, local } = line.view
    setView(line, view, onCall)
    if (state !== view.state || generation !== view.generation || local !== view.local) onChange(line.service, view)
  }
  const adopt = (line: Line, word: Word): void => {
    line.circuit = undefined
    show(line, toView(word))
  }
  const hear = (text: string): void => {
    const word = parseBrief(text)
    if (!word || word.gen <= revision) return
    // A push that was lost before this one leaves a gap in the numbers.
    if (word.gen > revision + 1) void catchUp()
    else revision = word.gen
    briefs.set(word.service, word)
    take(word)
  }
  /** What was heard of a service goes to its line, or to whoever listens. */
  const take = (word: Brief): void => {
    const line = lines.get(word.service)
    if (line) adopt(line, word)
    else onChange(word.service, toView(word))
  }
  /** Reads all states anew. What was heard while the answer was on its way is newer than the answer. */
  const readStates = async (): Promise<void> => {
    const known = revision
    const { revision: theirs, states } = await contact.ask(() => store.states())
    const wentBack = theirs < known
    for (const [service, word] of briefs) if (!wentBack && word.gen > theirs) states.set(service, word)
    const before = briefs
    briefs = states
    revision = wentBack ? theirs : Math.max(theirs, revision)
    for (const line of lines.values())
      if (wentBack || line.view.local || line.view.generation <= theirs)
        adopt(line, briefs.get(line.service) ?? UNTOUCHED)
    for (const word of states.values())
      if (!lines.has(word.service) && word.gen !== before.get(word.service)?.gen) take(word)
  }
  const lookAround = async (): Promise<void> => {
    try {
      if (contact.isLost || !isFresh) {
        skewMs = (await contact.ask(() => store.now())) - clock.now()
        await readStates()
      } else if ((await contact.ask(() => store.revision())) !== revision) await readStates()
      heardAt = clock.now()
      contact.regained()
    } catch (error) {
      lose(error)
    }
    isFresh = true
  }
  const catchUp = (): Promise<void> => (catching ??= lookAround().finally(() => (catching = undefined)))
  const lose = (error: unknown): void => {
    contact.lost(error)
    for (const line of lines.values()) {
      if (line.circuit) continue
      line.circuit = goAlone(line.view)
      show(line, { ...line.view, local: true })
    }
  }
  /** What a command came to is also news of the breaker, and of whether anything else has changed. */
  const learn = (line: Line, { word, revision: theirs, now }: Decided, known: number): void => {
    skewMs = now - clock.now()
    // An answer that knows less than was known when it was asked for comes from a Redis that lost its newest writes.
    const wentBack = theirs < known
    if (!wentBack && word.gen < line.view.generation && !line.view.local) return
    if (!wentBack && theirs === revision + 1 && word.gen === theirs) revision = theirs
    if (theirs === revision) heardAt = clock.now()
    else if (wentBack || theirs > revision) void catchUp()
    const { reason, ...rest } = word
    if (reason !== '') briefs.set(line.service, { service: line.service, ...rest, reason, at: now })
    adopt(line, word)
  }
  return {
    get isFresh() {
      return isFresh
    },
    get isLost() {
      return contact.isLost
    },
    silenceMs: () => clock.now() - heardAt,
    viewOf: (service) => toView(briefs.get(service) ?? UNTOUCHED),
    show,
    hear,
    catchUp,
    async command(line, what) {
      const known = revision
      const decided = await contact.ask(() => store.decide(line.service, configOf(line.service), what))
      learn(line, decided, known)
      return decided
    },
    lose,
    rest: () => void (isFresh = false),
    begin: (subscribed) => contact.begin(subscribed),
    toLocal,
  }
}
