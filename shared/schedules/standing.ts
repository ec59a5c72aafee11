// How a schedule stands, what becomes of it in one step, and what came of that: what those who carry it out tell one another.
import type { Fact } from '../kernel/event.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { RunSource } from './run-words.ts'

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
