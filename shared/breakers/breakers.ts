// Breakers as operators see them: one state for the whole fleet, shown, forced, configured, and replayed against other limits.
import type { Principal } from '../auth/contract.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { ServiceMissing } from '../services/contract.ts'
import type { Service } from '../services/contract.ts'
import { DEFAULT_CONFIG } from '../services/declare.ts'
import { withEdits } from '../services/policy.ts'
import type { Condition, Services } from '../services/services.ts'
import { contradiction } from '../services/services.ts'
import { BreakerInState } from './contract.ts'
import type { Breaker, BreakerFigures, BreakerTimeline, Force, WhatIf } from './contract.ts'
import { figuresOf } from './figures.ts'
import type { HistorySlot } from './history.ts'
import { toBreaker } from './present.ts'
import { letsThrough } from './policy.ts'
import type { Command, Forced } from './policy.ts'
import { PAST_MAX, createBreakerStore } from './store.ts'
import type { Brief, PastChange } from './store.ts'
import { WORST, piecesOf, toTimeline } from './timeline.ts'
import type { Span } from './timeline.ts'
import { toTroubled } from './troubled.ts'
import type { Troubled } from './troubled.ts'
import { compare } from './what-if.ts'
import type { BreakerPatch, BreakerState } from './words.ts'

export interface BreakerQuery {
  limit: number
  cursor?: string | undefined
  state?: readonly BreakerState[] | undefined
  service?: readonly string[] | undefined
}

/** All verbs answer `service-not-found` for what is neither declared, made, learnt nor has a breaker. */
export interface Breakers {
  list(query: BreakerQuery): Promise<Page<Breaker>>
  show(service: string): Promise<Breaker>
  /** Closes it and forgets what it counted. */
  reset(principal: Principal, service: string, reason?: string): Promise<Breaker>
  /** Holds a state by hand. Problem: `breaker-in-state`. */
  force(principal: Principal, service: string, to: Forced, how: Force): Promise<Breaker>
  /** Ends what was held by hand. Problem: `breaker-in-state` when nothing was. */
  auto(principal: Principal, service: string, reason?: string): Promise<Breaker>
  /** Changes the `breaker` part of the service's record. Problem: `precondition-failed`. */
  configure(principal: Principal, service: string, patch: BreakerPatch, condition?: Condition): Promise<Breaker>
  /** States over time; the last hour of the worst twelve unless said otherwise. */
  timeline(query: {
    from?: string | undefined
    to?: string | undefined
    service?: readonly string[] | undefined
  }): Promise<BreakerTimeline>
  /** The last hour's calls against other limits. */
  whatIf(service: string, patch: BreakerPatch): Promise<WhatIf>
  /** The last hour's calls as they were counted, slot by slot, and what they were held to. */
  lastHour(service: string): Promise<LastHour>
  figures(): Promise<BreakerFigures>
  /** Rows for a page that shows all of them: those that are not closed first, at most 500. */
  rows(): Promise<Breaker[]>
  /** Breakers that keep calls from their service, those that do so longest first. Two reads, whatever their number. */
  troubled(): Promise<Troubled[]>
  /** Forgets breakers of services that are no more; those held by hand stay. */
  forget(services: readonly string[]): Promise<void>
}

export interface LastHour {
  readonly service: Service
  readonly slots: readonly HistorySlot[]
  /** When the hour began and ended, epoch ms. */
  readonly from: number
  readonly to: number
}

export interface BreakersNeeds {
  services: Services
  /** Jobs that wait for each service, where somebody counts them. */
  parked?: () => Promise<ReadonlyMap<string, number>>
}

/** Overdue states that one request brings up to date. */
const LOOKS_MAX = 50
const ROWS_MAX = 500
/** Breakers whose past one timeline looks at: those that changed last. */
const LOOKED_AT_MAX = 50
const HOUR_MS = 3_600_000

export const createBreakers = (kernel: Kernel, { services, parked }: BreakersNeeds): Breakers => {
  const store = createBreakerStore(kernel)

  /** A breaker that somebody forced may outlive its service. */
  const serviceOf = async (name: string): Promise<Service> => {
    const [service] = await services.find([name])
    if (service) return service
    if ((await store.states()).states.has(name)) return orphan(name)
    throw ServiceMissing(`There is no service ${name}.`)
  }
  /** Carries a command out and shows what came of it. */
  const command = async (name: string, what: Command): Promise<Breaker> => carryOut(await serviceOf(name), what)
  const carryOut = async (service: Service, what: Command): Promise<Breaker> => {
    const { name } = service
    const { answer, circuit, now } = await store.decideAndShow(name, service.breaker, what)
    if (answer === 'same') throw BreakerInState(`The breaker of ${name} is ${circuit.state} already.`)
    return toBreaker(service, circuit, now)
  }
  /** The states of all breakers that ever changed, as time has made them by now. */
  const states = async (): Promise<Map<string, Brief>> => {
    const { states: all } = await store.states()
    const now = kernel.clock.now()
    const overdue = [...all.values()].filter(({ until }) => until > 0 && until <= now).slice(0, LOOKS_MAX)
    const found = await services.find(overdue.map(({ service }) => service))
    const looks = found.map(async ({ name, breaker }) => {
      const { reason, ...word } = (await store.decide(name, breaker, { op: 'look' })).word
      if (reason !== '') all.set(name, { service: name, ...word, reason, at: now })
    })
    await Promise.all(looks)
    return all
  }
  const present = async (names: readonly string[]): Promise<Breaker[]> => {
    const [found, circuits] = await Promise.all([services.find(names), store.circuits(names)])
    const byName = new Map(found.map((service) => [service.name, service]))
    const now = kernel.clock.now()
    return names.flatMap((name, i) => {
      const circuit = circuits[i]
      return circuit ? [toBreaker(byName.get(name) ?? orphan(name), circuit, now)] : []
    })
  }
  const known = async (all: ReadonlyMap<string, Brief>): Promise<string[]> =>
    [...new Set([...(await services.names()), ...all.keys()])].sort()

  const list = async ({ limit, cursor, state, service }: BreakerQuery): Promise<Page<Breaker>> => {
    const secret = cursorSecret(kernel)
    const filter = ['breakers', state ?? null, service ?? null]
    const after = cursor === undefined ? '' : decodeCursor<string>(secret, cursor, filter)
    const all = await states()
    const names = (await known(all)).filter(
      (name) =>
        name > after &&
        (service?.includes(name) ?? true) &&
        (state?.includes(all.get(name)?.state ?? 'closed') ?? true),
    )
    const page = names.slice(0, limit)
    const more = names.length > page.length
    const next = more ? encodeCursor(secret, page.at(-1), filter) : null
    return {
      data: await present(page),
      page: { limit, has_more: more, next_cursor: next, prev_cursor: null },
    }
  }
  const timeline: Breakers['timeline'] = async ({ from, to, service }) => {
    const end = Math.min(to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to), kernel.clock.now())
    const start = Math.min(from === undefined ? end - HOUR_MS : Date.parse(from), end)
    const all = await states()
    const span = { from: start, to: end }
    const asked = service ?? changedSince(all, start)
    const past = await store.past(asked, start)
    const pieces = asked.map((name, i) => ({
      service: name,
      pieces: piecesOf(past[i] ?? [], all.get(name)?.state ?? 'closed', spanOf(past[i] ?? [], span)),
    }))
    return toTimeline(pieces, span, service?.length ?? WORST)
  }
  const whatIf = async (name: string, patch: BreakerPatch): Promise<WhatIf> => {
    const service = await serviceOf(name)
    const edited = withEdits(service, { breaker: patch })
    if (!edited.success) throw contradiction(edited.error.issues, 'breaker')
    return compare(name, await store.history(name), service.breaker, edited.data.breaker, kernel.clock.now())
  }
  const lastHour = async (name: string): Promise<LastHour> => {
    const [service, slots] = await Promise.all([serviceOf(name), store.history(name)])
    const to = kernel.clock.now()
    return { service, slots, from: to - HOUR_MS, to }
  }
  const figures = async (): Promise<BreakerFigures> => {
    const all = await states()
    const names = await known(all)
    const [circuits, waiting] = await Promise.all([store.circuits(names), parked?.()])
    return figuresOf(names, circuits, waiting, kernel.clock.now())
  }
  const rows = async (): Promise<Breaker[]> => {
    const all = await states()
    const isHeld = (name: string): boolean => (all.get(name)?.state ?? 'closed') !== 'closed'
    const names = await known(all)
    const ordered = [...names.filter(isHeld), ...names.filter((name) => !isHeld(name))]
    return present(ordered.slice(0, ROWS_MAX))
  }
  const troubled = async (): Promise<Troubled[]> => {
    const { states: all } = await store.states()
    const now = kernel.clock.now()
    const found = [...all.values()]
      .filter(({ state }) => !letsThrough(state))
      .map((brief) => (brief.until > 0 && brief.until <= now ? { ...brief, state: 'half_open' as const } : brief))
      .sort((a, b) => a.since - b.since)
    if (found.length === 0) return []
    const told = found.slice(0, LOOKS_MAX).map(({ service }) => service)
    const [circuits, waiting] = await Promise.all([store.circuits(told), parked?.()])
    return found.map(({ service, state, since }, i) => toTroubled(service, state, since, circuits[i], waiting))
  }
  const configure: Breakers['configure'] = async (principal, name, patch, condition) => {
    const edited = await services.edit(principal, name, { breaker: patch }, condition, 'breaker')
    return carryOut(edited, { op: 'look' })
  }
  return {
    list: (query) => guardRedis(list(query), 'read'),
    show: (name) => guardRedis(command(name, { op: 'look' }), 'read'),
    reset: (principal, name, reason = '') =>
      guardRedis(command(name, { op: 'reset', actor: principal.name, note: reason })),
    force: (principal, name, to, { ttl_s = 0, reason }) =>
      guardRedis(command(name, { op: 'force', to, ttlMs: ttl_s * 1_000, actor: principal.name, note: reason })),
    auto: (principal, name, reason = '') =>
      guardRedis(command(name, { op: 'auto', actor: principal.name, note: reason })),
    configure: (principal, name, patch, condition) => guardRedis(configure(principal, name, patch, condition)),
    timeline: (query) => guardRedis(timeline(query), 'read'),
    whatIf: (name, patch) => guardRedis(whatIf(name, patch), 'read'),
    lastHour: (name) => guardRedis(lastHour(name), 'read'),
    figures: () => guardRedis(figures(), 'read'),
    rows: () => guardRedis(rows(), 'read'),
    troubled: () => guardRedis(troubled(), 'read'),
    forget: (names) => store.forget(names),
  }
}

/** Where more changed than is read, the pieces begin with the first change that was. */
const spanOf = (past: readonly PastChange[], { from, to }: Span): Span => ({
  from: past.length < PAST_MAX ? from : Math.max(from, past[0]?.at ?? from),
  to,
})

/** Breakers that are not closed, or changed since; those that changed last. */
const changedSince = (all: ReadonlyMap<string, Brief>, since: number): string[] =>
  [...all.values()]
    .filter((brief) => brief.state !== 'closed' || brief.since >= since)
    .sort((a, b) => b.since - a.since)
    .slice(0, LOOKED_AT_MAX)
    .map(({ service }) => service)

/** A service that is no more, as its breaker needs it. */
const orphan = (name: string): Service => ({
  name,
  summary: null,
  origin: 'learnt',
  ...DEFAULT_CONFIG,
  sources: { summary: 'learnt', breaker: 'learnt', budget: 'learnt', concurrency: 'learnt', retry_budget: 'learnt' },
  updated_at: null,
  updated_by: null,
  called_at: null,
  version: 0,
})
