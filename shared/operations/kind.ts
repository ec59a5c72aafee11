// What a kind of operation is: which items it is about, what is done to a slice of them, and how that is taken back.
//
// To add one: make an `OperationKind` in the room whose things it changes, put it into `shared/operation-kinds.ts`, and let a
// verb of the room call `operations.start`. All else (storing the items before the first is touched, doing them in slices,
// pace, pause, cancelling, going on after a crash, progress, results) is the same for every kind and done for it.
import type { z } from 'zod'
import type { Fact } from '../kernel/event.ts'
import type { BatchResult } from '../batch/words.ts'
import type { Trial } from './words.ts'

/** Who asked for an operation, as far as its work must know. */
export interface Asker {
  readonly id: string
  readonly name: string
  readonly queues: readonly string[]
}

/** What a kind is told of the operation it works for. */
export interface Work<Params> {
  /** The operation's id. */
  readonly id: string
  readonly params: Params
  readonly asker: Asker
  readonly createdAt: number
  /** The operation that is taken back, while its items are undone. */
  readonly undoes: string | null
  /** Aborted when the process stops; what is half done is done again by the next one. */
  readonly signal: AbortSignal
  /** Items that have failed so far, those of slices that were counted. */
  readonly failed: () => number
}

/** What came of one item. `skipped`: there was nothing to do for it any more. `result` is told with it where the kind tells
 *  the results of all. */
export type Outcome = (
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly reason: string }
  | { readonly is: 'skipped'; readonly reason: string }
) & { readonly result?: BatchResult }

export interface Applied {
  /** One for each item, in their order. */
  readonly outcomes: readonly Outcome[]
  /** Told in the same step in which the outcomes are counted, so once each however often the slice was applied. */
  readonly facts: readonly Fact[]
}

/** How an item fares after it was applied. `failing`: a first sign that it will not do. `bad`: it ended as it had before;
 *  `otherwise`: as badly, for another reason. `cancelled`: somebody ended it. `gone`: there is nothing of it any more, as what was done
 *  is removed where its producer asked for that. `none`: it was not applied, or something else was since. */
export type Fate = 'pending' | 'failing' | 'good' | 'bad' | 'otherwise' | 'cancelled' | 'gone' | 'none'

/** Small steps before the rest. Above `stopAbove`, a share of those that ended, the operation pauses and says why, as it
 *  does when none came through. */
export interface TrialTerms extends Trial {
  readonly stopAbove: number | null
}

export interface OperationKind<Name extends string, Params extends z.ZodType, Item> {
  readonly name: Name
  readonly params: Params
  /** Params that hold payloads: only who may see those of jobs sees them. */
  readonly payloads?: readonly string[]
  /** The items, in slices of at most 500, the fuller the faster, as they were when the operation was made
   *  (`work.createdAt`). Where it takes long to find some, empty slices tell that it goes on. It is called again from the
   *  start after a crash, and only before the first item is touched. */
  select(work: Work<z.output<Params>>): AsyncIterable<Item[]>
  /** Does it to some of them, at most 250; some such slices may be on their way at once. They are given again when nobody knows how far it was: what was done under the
   *  same `work.id` must then be answered as `done` and not be done twice. */
  apply(items: readonly Item[], work: Work<z.output<Params>>): Promise<Applied>
  /** How an item is called in results. */
  nameOf(item: Item): string
  /** One slice is counted before the next is applied, so that later items are touched after earlier ones. */
  readonly inOrder?: true
  /** Results are kept of all items, so many at most, and not of those alone that were not done. */
  readonly tellsAll?: number
  readonly runsWhereAsked?: undefined
  /** Small steps first, when the params ask for them; how they fare is then told by `follow`. */
  trial?(params: z.output<Params>): TrialTerms | undefined
  /** For items that live on as jobs. */
  readonly follow?: {
    fates(items: readonly Item[], work: Work<z.output<Params>>): Promise<Fate[]>
    /** The job's address. */
    livesAs(item: Item, params: z.output<Params>): string
  }
  /** Takes back what `apply` did under the id `work.undoes`, held to the same rules. */
  readonly undo?: {
    readonly withinMs: number
    apply(items: readonly Item[], work: Work<z.output<Params>>): Promise<Applied>
  }
}

/** What has come of work that goes on step by step. The counts are of all that was done under the operation's id, not of the
 *  last step: whoever goes on after a crash counts nothing twice and forgets nothing. */
export interface Step {
  /** How much it will be, as far as is known by now. */
  readonly total: number
  readonly done: number
  readonly failed?: number
  readonly skipped?: number
  /** Items that failed or were skipped in this step, by name. */
  readonly results?: readonly (Exclude<Outcome, { is: 'done' }> & { readonly item: string })[]
  readonly facts?: readonly Fact[]
  /** ms in which nothing is worth trying. */
  readonly restMs?: number
  /** Why it failed as a whole. It is the last step. */
  readonly failure?: string
}

/** Work whose items are not chosen before it begins, because what is to be done is read off how things stand: a queue that is
 *  emptied, a process that is asked to stop. It ends when the steps do. */
export interface SteppingKind<Name extends string, Params extends z.ZodType> {
  readonly name: Name
  readonly params: Params
  readonly payloads?: undefined
  readonly trial?: undefined
  readonly follow?: undefined
  readonly undo?: undefined
  /** Run by the process that was asked for it, if it can: for work on worker processes, which must not wait for themselves. */
  readonly runsWhereAsked?: boolean
  /** Each step holds up nobody and takes well under a second. It is called again from the start after a crash and after a
   *  pause. `most` says how many items the next step may do at the wanted pace. */
  steps(work: Work<z.output<Params>>, most: () => number): AsyncIterable<Step>
}

// `any` in the places of schema and item: each kind knows its own, and they are stored as JSON in between.
/* oxlint-disable typescript/no-explicit-any -- see above. */
export type AnyItemsKind = OperationKind<string, any, any>
export type AnySteppingKind = SteppingKind<string, any>
/* oxlint-enable typescript/no-explicit-any */
export type AnyOperationKind = AnyItemsKind | AnySteppingKind

/** Items in one slice of a selection. */
export const SLICE_MAX = 500
/** Items that one call of `apply` is given at most: others get a word in between two calls. */
export const APPLIED_MAX = 250
