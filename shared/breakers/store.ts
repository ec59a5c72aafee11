// What Redis holds of breakers, and the one script that changes any of it.
import { z } from 'zod'
import { throttledKey } from '../budgets/store.ts'
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey } from '../stream/log.ts'
import { digitsOf, durationsOf, tallyOf } from './calls.ts'
import { SLOTS, newCircuit, parseCircuit, slotOf } from './circuit.ts'
import type { Circuit } from './circuit.ts'
import { CircuitClosed, CircuitHalfOpened, CircuitOpened } from './events.ts'
import { HISTORY_SLOTS, HISTORY_SLOT_MS, parseSlot } from './history.ts'
import type { HistorySlot } from './history.ts'
import type { Answer, Command } from './policy.ts'
import type { BreakerConfig } from './words.ts'
import { BreakerState, ChangeReason } from './words.ts'

const decide = script(new URL('./decide.lua', import.meta.url))
const read = script(new URL('./read.lua', import.meta.url))
const drop = script(new URL('./forget.lua', import.meta.url))

/** A breaker's state as it is pushed and listed. Times are epoch ms of Redis; `gen` is the revision of its last change. */
export const Brief = z.object({
  service: z.string(),
  state: BreakerState,
  gen: z.number(),
  since: z.number(),
  until: z.number(),
  reason: ChangeReason,
  at: z.number(),
})
export type Brief = z.output<typeof Brief>

/** Changes of one service that are read at once. */
export const PAST_MAX = 601

/** One change of the past. */
export interface PastChange {
  at: number
  from: BreakerState
  to: BreakerState
  reason: ChangeReason
}

/** The state a command left a breaker in. */
export type Word = Pick<Brief, 'state' | 'gen' | 'since' | 'until'> & { reason: ChangeReason | '' }

export interface Decided {
  answer: Answer
  /** The newest generation of any breaker. */
  revision: number
  /** Redis's time. */
  now: number
  /** For `refused`: when it is worth asking again, 0 for never. */
  askAgainAt: number
  word: Word
}

export interface BreakerStore {
  /** Carries a command out in one step. */
  decide(service: string, config: BreakerConfig, command: Command): Promise<Decided>
  /** The same, and answers the whole circuit too. */
  decideAndShow(service: string, config: BreakerConfig, command: Command): Promise<Decided & { circuit: Circuit }>
  /** The newest generation of any breaker; 0 before the first change. */
  revision(): Promise<number>
  /** Redis's time, which is a test's where its clock is. */
  now(): Promise<number>
  /** All breakers that ever changed, and Redis's revision with them. */
  states(): Promise<{ revision: number; states: Map<string, Brief> }>
  circuits(services: readonly string[]): Promise<Circuit[]>
  /** The newest changes of each service since a moment, at most 600, oldest first, and the one before them. */
  past(services: readonly string[], since: number): Promise<PastChange[][]>
  /** The last hour's calls, oldest slot first. */
  history(service: string): Promise<HistorySlot[]>
  /** Drops everything about services; what somebody forced stays. */
  forget(services: readonly string[]): Promise<void>
}

export const breakersChannel = (kernel: Kernel): string => kernel.key('breakers', 'changed')

export const createBreakerStore = (kernel: Kernel): BreakerStore => {
  const { redis } = kernel
  const states = kernel.key('breakers', 'states')
  const revision = kernel.key('breakers', 'revision')
  const keyOf = (part: 'circuit' | 'past' | 'history', service: string): string => kernel.key('breakers', part, service)
  const circuitKey = (service: string): string => keyOf('circuit', service)
  const pastKey = (service: string): string => keyOf('past', service)
  const historyKey = (service: string): string => keyOf('history', service)
  const names = [breakersChannel(kernel), CircuitOpened.name, CircuitHalfOpened.name, CircuitClosed.name].join(' ')
  const carryOut = (service: string, config: BreakerConfig, command: Command, whole: '' | '1'): Promise<unknown> =>
    decide(
      redis,
      [
        circuitKey(service),
        states,
        revision,
        eventLogKey(kernel),
        pastKey(service),
        historyKey(service),
        throttledKey(kernel, service),
      ],
      [
        command.op,
        scriptTime(kernel.clock),
        kernel.random(),
        packed(config),
        service,
        names,
        whole,
        ...argumentsOf(command, config),
      ],
    )
  return {
    decide: async (service, config, command) => decided((await carryOut(service, config, command, '')) as Reply),
    async decideAndShow(service, config, command) {
      const reply = (await carryOut(service, config, command, '1')) as Reply
      return { ...decided(reply), circuit: parseCircuit(reply[9]) }
    },
    revision: async () => Number((await redis.get(revision)) ?? 0),
    async now() {
      if (scriptTime(kernel.clock) >= 0) return kernel.clock.now()
      const [seconds, micros] = await redis.time()
      return Number(seconds) * 1_000 + Number(micros) / 1_000
    },
    async states() {
      const [first, second] = (await redis.multi().get(revision).hgetall(states).exec()) ?? []
      const all = Object.values((second?.[1] ?? {}) as Record<string, string>).flatMap((text) => parseBrief(text) ?? [])
      return { revision: Number(first?.[1] ?? 0), states: new Map(all.map((brief) => [brief.service, brief])) }
    },
    async circuits(services) {
      if (services.length === 0) return []
      const texts = (await read(redis, services.map(circuitKey), [])) as string[]
      return texts.map((text) => (text === '' ? newCircuit() : parseCircuit(text)))
    },
    async past(services, since) {
      const pipeline = redis.pipeline()
      for (const service of services) {
        pipeline.zrevrangebyscore(pastKey(service), `(${since}`, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
        pipeline.zrevrangebyscore(pastKey(service), '+inf', since, 'WITHSCORES', 'LIMIT', 0, PAST_MAX)
      }
      const replies = (await pipeline.exec()) ?? []
      const flat = replies.map(([error, reply]) => {
        if (error) throw error
        return reply as string[]
      })
      return services.map((_service, i) => {
        const within = parsePast(flat[2 * i + 1] ?? []).reverse()
        return within.length < PAST_MAX ? [...parsePast(flat[2 * i] ?? []), ...within] : within
      })
    },
    async history(service) {
      const [texts, now] = await Promise.all([redis.hgetall(historyKey(service)), this.now()])
      const slots = Object.values(texts).map(parseSlot)
      const newest = Math.floor(now / HISTORY_SLOT_MS)
      return slots.filter(({ n }) => n > newest - HISTORY_SLOTS && n <= newest).sort((a, b) => a.n - b.n)
    },
    async forget(services) {
      for (const service of services)
        await drop(redis, [states, circuitKey(service), pastKey(service), historyKey(service)], [service])
    },
  }
}

type Reply = [
  answer: Answer,
  revision: number,
  now: number,
  askAgainAt: number,
  state: BreakerState,
  gen: number,
  since: number,
  until: number,
  reason: ChangeReason | '',
  circuit: string,
]

const decided = ([answer, revision, now, askAgainAt, state, gen, since, until, reason]: Reply): Decided => ({
  answer,
  revision,
  now,
  askAgainAt,
  word: { state, gen, since, until, reason },
})

const argumentsOf = (command: Command, config: BreakerConfig): (string | number)[] => {
  switch (command.op) {
    case 'look':
      return []
    case 'admit':
      return [command.probe]
    case 'report':
      return [command.gen, ...summed(command.calls, config), command.refused]
    case 'probe':
      return [command.gen, command.probe, command.call]
    case 'force':
      return [command.to, command.ttlMs, command.actor, command.note]
    case 'auto':
    case 'reset':
      return [command.actor, command.note]
  }
}

/** Sums are made here: they cost Redis, which does one thing at a time, ten times as much. */
const summed = (calls: string, { window }: BreakerConfig): [tally: string, durations: string, ring: string] => {
  const { failures, slow, lead, trail, worst } = tallyOf(calls)
  const tally = [calls.length, failures, slow, lead, trail, worst].join(',')
  return [tally, durationsOf(calls), window.type === 'count' ? digitsOf(calls) : '']
}

const packs = new WeakMap<BreakerConfig, string>()

/** A configuration as the script reads it; packed once, as it comes with every call. */
const packed = (config: BreakerConfig): string => {
  const known = packs.get(config)
  if (known !== undefined) return known
  const slot = slotOf(config)
  const text = JSON.stringify([
    slot,
    config.window.min_calls,
    config.failure_rate_threshold,
    config.slow_call_rate_threshold,
    config.consecutive_failures ?? 0,
    config.open_ms,
    config.open_max_ms,
    config.jitter,
    config.half_open_max,
    config.probe_lease_ms,
    slot > 0 ? (slot * SLOTS) / 1_000 : 0,
  ])
  packs.set(config, text)
  return text
}

/** Undefined for what another version of k1n wrote and this one cannot read. */
export const parseBrief = (text: string): Brief | undefined => {
  try {
    return Brief.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const Past = z.tuple([z.string(), BreakerState, BreakerState, ChangeReason])

/** Members and scores in turn. */
const parsePast = (flat: readonly string[]): PastChange[] =>
  Array.from({ length: flat.length / 2 }, (_, i) => i).flatMap((i) => {
    const parsed = Past.safeParse((flat[2 * i] ?? '').split('|'))
    if (!parsed.success) return []
    const [, from, to, reason] = parsed.data
    return [{ at: Number(flat[2 * i + 1]), from, to, reason }]
  })
