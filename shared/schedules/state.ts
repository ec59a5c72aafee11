// How each schedule stands: slots that are decided about, claimed and told; the only place that knows these keys and scripts.
import { scriptTime } from '../kernel/clock.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factArgs } from '../stream/log.ts'
import { readClaims, textOf } from './claims.ts'
import type { ScheduleDefinition, ScheduleRecord } from './definition.ts'
import { FIGURES_AGE_S, HISTORY_AGE_S, minuteOf, newestSlotOf, scheduleKeys } from './keys.ts'
import type { RunSource } from './run-words.ts'

const lookScript = script(new URL('./look.lua', import.meta.url))
const claimScript = script(new URL('./claim.lua', import.meta.url))
const hushScript = script(new URL('./hush.lua', import.meta.url))
const settleScript = script(new URL('./settle.lua', import.meta.url))
const tellScript = script(new URL('./tell.lua', import.meta.url))

/** Jobs of one schedule that others must not run beside, and how many of them are looked at: the newest. */
const RUNNING_MAX = 1_000
const RUNNING_SEEN = 20
/** Entries of a history among which its newest slot is looked for, as runs by hand may be later: all that are kept. */
const TOLD_SEEN = 1_000
/** Claims of one schedule that wait until it is quiet. */
const OPEN_MAX = 1_000

/** A slot, an event or a wish that a job is to be made for. Stored before the job, so that whoever comes next can make it. */
export interface Claim {
  /** What its run is called in the history, and the end of its job's id. */
  readonly key: string
  readonly source: RunSource
  /** The slot; of events and wishes the time they came. Epoch ms. */
  readonly scheduledFor: number
  /** When the job may start. */
  readonly plannedAt: number
  readonly claimedAt: number
  /** The job is made when no earlier one runs. */
  readonly waits?: true
  readonly actor?: string
  readonly reason?: string
  /** Instead of the schedule's own payload. */
  readonly data?: ScheduleDefinition['data']
  readonly event?: { readonly id: string; readonly name: string; readonly data: unknown }
  /** How often what led to the event went through k1n before. */
  readonly hop?: number
  /** The schedules that led to the event. */
  readonly via?: readonly string[]
  /** Its job is made when no further event has come until then, epoch ms; `quiet` tells those events from others. */
  readonly settlesAt?: number
  readonly quiet?: string
}

/** What is known of a schedule at one moment. */
export interface Standing {
  /** Epoch ms, of Redis. */
  readonly now: number
  /** Version of the record; undefined when there is none. */
  readonly version: number | undefined
  /** The version that was last acted on. */
  readonly heard: number | undefined
  /** The newest slot decided about; undefined before the first, and where the state was lost. */
  readonly last: number | undefined
  readonly runs: number
  readonly next: number | undefined
  /** Another one after each claim. */
  readonly turn: number
  readonly open: readonly Claim[]
  /** Keys of claims that are broken and whose slots are not known. */
  readonly torn: readonly string[]
}

export type Brief = Omit<Standing, 'open' | 'torn'>

/** An entry of the history. */
export interface Entry {
  readonly key: string
  readonly at: number
  readonly run: object
}

/** Counters of a minute by name. */
export type Figures = Readonly<Record<string, number>>

/** What becomes of a schedule in one step. */
export interface Step {
  readonly last: number | undefined
  readonly next: number | undefined
  /** When to look at it again; undefined for never. */
  readonly lookAt: number | undefined
  /** The same once all claims are told. */
  readonly thenAt: number | undefined
  readonly claims?: readonly Claim[]
  /** Keys of claims that are given up. */
  readonly drops?: readonly string[]
  readonly entries?: readonly Entry[]
  readonly facts?: readonly Fact[]
  readonly runs?: number
  readonly skipped?: number
  readonly figures?: Figures
  /** The schedule is carried out as its record says now, ticks included. */
  readonly hears?: boolean
  /** Only if it has had no more runs than were read. */
  readonly countsRuns?: boolean
  /** Its claims hold only if nobody else claimed anything since it was read. */
  readonly mindsOthers?: boolean
  /** The event that is decided about, and the run it becomes part of; only if nobody decided about it in the last 24 hours. */
  readonly event?: { readonly id: string; readonly run: string | undefined }
  /** Only if there is no such run yet. */
  readonly unless?: string
  readonly throttle?: Throttle | undefined
}

/** One of those alike is let in within a time. */
export interface Throttle {
  readonly alike: string
  readonly who: string
  readonly ms: number
}

/** `passed`: the event came before, and was passed over. */
export type Claimed = 'claimed' | 'changed' | 'there' | 'throttled' | 'passed'
const claimed: Record<number, Claimed> = { 0: 'changed', 1: 'claimed', 2: 'there', 3: 'throttled', 4: 'passed' }

/** What came of a claim. */
export interface Told {
  readonly entry: Entry
  readonly fact: Fact
  /** Of a job that was made: its address. */
  readonly taskId?: string
  /** From when on others must not run beside it; undefined where they may. */
  readonly keepsOthersOutFrom?: number | undefined
  /** When to look at the schedule again if no claim is left; undefined for never. */
  readonly thenAt: number | undefined
  readonly runs?: number
  readonly skipped?: number
  /** ms between the slot and its job; undefined where there was no slot. */
  readonly lateMs?: number | undefined
  readonly figures: Figures
}

/** The last run, as it is kept beside the state. */
export interface LastRun {
  readonly key: string
  readonly at: number
  readonly task_id: string
}

/** The run that an event became part of, '' when it was passed over before, or why it became part of none. */
export type Hushed =
  | { readonly run: string }
  | {
      readonly run: undefined
      /** `full`: more kinds of events wait for quiet than are kept. */ readonly why: 'changed' | 'full'
    }

export interface ScheduleState {
  look(record: ScheduleRecord): Promise<Standing>
  /** The same without its claims, of which a thousand may wait for quiet, each with what its event said. */
  lookBriefly(record: ScheduleRecord): Promise<Brief>
  claim(record: ScheduleRecord, read: Standing, step: Step): Promise<Claimed>
  /** Adds an event to those it is quiet about, or begins with it; answers the key of their run. */
  hush(record: ScheduleRecord, version: number, claim: Claim): Promise<Hushed>
  /** From now on further events begin anew. False when one came since the claim was read. */
  settle(id: string, claim: Claim): Promise<boolean>
  /** Those of the runs whose jobs began, or are over: such a job may have gone already, and must not be made again. */
  ran(id: string, runs: readonly string[]): Promise<Set<string>>
  /** The newest slot that the history knows of one. */
  newestTold(id: string): Promise<number | undefined>
  /** False when it was told before. */
  tell(id: string, told: Told): Promise<boolean>
  /** Schedules that are to be looked at by now, and when that was due. */
  due(count: number): Promise<string[]>
  /** Others look at these schedules only after a while, unless that is known better by then. */
  putOff(ids: readonly string[], until: number): Promise<void>
  /** Whether there is a record of it, readable or not. */
  exists(id: string): Promise<boolean>
  /** Addresses of jobs that may run by then. */
  running(id: string, now: number): Promise<string[]>
  ended(id: string, addresses: readonly string[]): Promise<void>
  /** The version of each schedule that was last acted on. */
  heard(): Promise<Map<string, number>>
  /** The next slot of each schedule that has one. */
  next(): Promise<Map<string, number>>
  /** Nothing is left but the history, which goes by itself. */
  forget(id: string): Promise<void>
}

export const createScheduleState = (kernel: Kernel): ScheduleState => {
  const { redis, clock } = kernel
  const keys = scheduleKeys(kernel)
  const log = eventLogKey(kernel)
  const look = async (record: ScheduleRecord, ...open: string[]): Promise<Standing> => {
    const names = [keys.versions, keys.heard, keys.state(record.id), ...open]
    const args = [record.id, scriptTime(clock), 'made', 'last', 'runs', 'next', 'turn']
    return standing((await lookScript(redis, names, args)) as Looked, record)
  }
  return {
    look: (record) => look(record, keys.open(record.id)),
    lookBriefly: (record) => look(record),
    async claim({ id, createdAt }, read, step) {
      const { history, due, next, versions } = keys
      const perSchedule = [keys.state(id), keys.open(id), keys.running(id)]
      const names = [
        versions,
        ...perSchedule,
        due,
        next,
        keys.order(id),
        keys.runs(id),
        history,
        log,
        keys.heard,
        keys.awaited,
      ]
      const args = [
        ...[id, read.version ?? '', createdAt, read.last ?? '', step.last ?? '', step.next ?? '', step.lookAt ?? ''],
        ...[step.runs ?? 0, step.skipped ?? 0, HISTORY_AGE_S, FIGURES_AGE_S],
        (step.claims ?? []).some(({ waits }) => waits) ? 1 : '',
        ...[step.countsRuns === true ? read.runs : '', step.unless ?? '', step.throttle?.who ?? ''],
        ...[step.throttle?.ms ?? '', step.hears === true ? 1 : '', read.turn, step.mindsOthers === true ? 1 : ''],
        ...[step.event === undefined ? '' : 1, step.event?.run ?? ''],
        ...counted((step.claims ?? []).flatMap((claim) => [claim.key, textOf(claim)])),
        ...counted(step.drops ?? []),
        ...counted((step.entries ?? []).flatMap(({ key, at, run }) => [key, at, JSON.stringify(run)])),
        ...counted(factArgs(step.facts ?? [])),
        ...Object.entries(step.figures ?? {}).flat(),
      ]
      const perEvent = [keys.throttle(id, step.throttle?.alike ?? ''), keys.reacted(id, step.event?.id ?? '')]
      const further = [keys.minute(minuteOf(read.now)), ...perEvent]
      return claimed[Number(await claimScript(redis, [...names, ...further], args))] ?? 'changed'
    },
    async hush({ id, createdAt, definition }, version, claim) {
      const names = [keys.versions, keys.state(id), keys.open(id), keys.quiet(id), keys.due, keys.runs(id)]
      const args = [id, version, createdAt, claim.quiet ?? '', claim.key, textOf(claim), claim.settlesAt ?? 0, OPEN_MAX, definition.max_runs ?? ''] // prettier-ignore
      const answer = await hushScript(redis, [...names, keys.reacted(id, claim.event?.id ?? '')], args)
      return typeof answer === 'string' ? { run: answer } : { run: undefined, why: answer === 0 ? 'changed' : 'full' }
    },
    async settle(id, claim) {
      return (
        (await settleScript(redis, [keys.open(id), keys.quiet(id)], [claim.key, textOf(claim), claim.quiet ?? ''])) ===
        1
      )
    },
    async ran(id, runs) {
      if (runs.length === 0) return new Set()
      const texts = await redis.hmget(keys.runs(id), ...runs.flatMap((run) => [`${run}:began`, `${run}:ended`]))
      return new Set(runs.filter((_run, n) => texts[2 * n] != null || texts[2 * n + 1] != null))
    },
    async newestTold(id) {
      const newestFirst = await redis.zrange(keys.order(id), 0, TOLD_SEEN - 1, 'REV')
      return newestFirst.map(newestSlotOf).find((slot) => slot !== undefined)
    },
    async tell(id, told) {
      const { entry, fact, taskId, thenAt } = told
      const last: LastRun | undefined =
        taskId === undefined ? undefined : { key: entry.key, at: fact.at, task_id: taskId }
      const perSchedule = [keys.state(id), keys.open(id), keys.running(id), keys.due, keys.order(id), keys.runs(id)]
      const args = [
        ...[id, entry.key, entry.at, JSON.stringify(entry.run), last === undefined ? '' : JSON.stringify(last)],
        ...[told.keepsOthersOutFrom === undefined ? '' : (taskId ?? ''), told.keepsOthersOutFrom ?? 0],
        ...[RUNNING_MAX, thenAt ?? ''],
        ...[told.runs ?? 0, told.skipped ?? 0, told.lateMs ?? -1, HISTORY_AGE_S, FIGURES_AGE_S],
        ...factArgs([fact]),
        ...Object.entries(told.figures).flat(),
      ]
      return (await tellScript(redis, [...perSchedule, keys.history, log, keys.minute(minuteOf(fact.at))], args)) === 1
    },
    due: (count) => redis.zrangebyscore(keys.due, '-inf', clock.now(), 'LIMIT', 0, count),
    async putOff(ids, until) {
      if (ids.length > 0) await redis.zadd(keys.due, 'XX', 'GT', ...ids.flatMap((id) => [until, id]))
    },
    exists: async (id) => (await redis.zscore(keys.versions, id)) !== null,
    running: (id, now) => redis.zrange(keys.running(id), now, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, RUNNING_SEEN),
    async ended(id, addresses) {
      if (addresses.length > 0) await redis.zrem(keys.running(id), ...addresses)
    },
    async heard() {
      const all = Object.entries(await redis.hgetall(keys.heard))
      return new Map(all.map(([id, version]) => [id, Number(version)]))
    },
    async next() {
      const flat = await redis.zrange(keys.next, 0, -1, 'WITHSCORES')
      return new Map(Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n] ?? '', Number(flat[2 * n + 1])]))
    },
    async forget(id) {
      await redis
        .multi()
        .del(keys.state(id), keys.open(id), keys.running(id), keys.quiet(id))
        .zrem(keys.due, id)
        .zrem(keys.next, id)
        .hdel(keys.heard, id)
        .hdel(keys.awaited, id)
        .exec()
    },
  }
}

type Looked = [now: number, version: string, heard: string, fields: (string | null)[], open: string[]]

/** The state of another schedule that had this id is none; claims outlive a state that was lost. */
const standing = (
  [now, version, heard, [made = null, last, runs, next, turn], open]: Looked,
  record: ScheduleRecord,
): Standing => {
  const isOurs = made === null || made === String(record.createdAt)
  return {
    now,
    version: version === '' ? undefined : Number(version),
    heard: heard === '' ? undefined : Number(heard),
    last: isOurs && last ? Number(last) : undefined,
    runs: isOurs ? Number(runs ?? 0) : 0,
    next: isOurs && next ? Number(next) : undefined,
    turn: isOurs ? Number(turn ?? 0) : 0,
    ...readClaims(record, isOurs ? open : []),
  }
}

/** A list after its length. */
const counted = (list: readonly (string | number)[]): (string | number)[] => [list.length, ...list]
