// What steering many jobs at once shares: what is asked of each, what came of it, and doing it to those that can be done.
import type { Problem } from '../kernel/problem.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Fact } from '../kernel/event.ts'
import type { Steering } from './steer.ts'

/** Who asks, and how. */
export interface Asked {
  readonly actor: string
  /** What is done under a mark is not done again for whoever asks under it once more, and is answered as done. */
  readonly mark: string
  /** Only tells what would come of it. */
  readonly dryRun: boolean
  /** When it was asked for, of work that may be a repetition: what has come about since then is its own doing. */
  readonly since?: number | undefined
}

/** What came of one that was done, or would come of it. */
export interface Done {
  /** As the route for a single one answers. */
  readonly status: number
  readonly data: Readonly<Record<string, unknown>>
  /** Told by whoever asked, so that it is told in the step in which it is counted. */
  readonly facts?: readonly Fact[]
}

/** Or why it was not done. */
export type Came = Done | Problem

/** Something done to many things. Answers in their order. */
export type ManyVerb<Room, Item> = (room: Room, items: readonly Item[], asked: Asked) => Promise<Came[]>
export type JobsVerb<Item> = ManyVerb<Steering, Item>

export interface VerbParts<Room, Item> {
  /** Why it cannot be done; undefined when it can. */
  readonly check: (room: Room, item: Item, asked: Asked) => Problem | undefined
  /** Whether it was done under this mark before. */
  readonly isRepeated?: (item: Item, asked: Asked) => boolean
  /** What comes of one that can be done. */
  readonly outcome: (room: Room, item: Item, asked: Asked) => Done
  /** Does it; undefined where it was done, or else what came of it in place of the outcome. */
  readonly act: (room: Room, items: readonly Item[], asked: Asked) => Promise<readonly (Came | undefined)[]>
}

/** Makes a verb of its parts. */
export const manyVerb =
  <Room, Item>({ check, isRepeated, outcome, act }: VerbParts<Room, Item>): ManyVerb<Room, Item> =>
  async (room, items, asked) => {
    const settled = items.map((item) =>
      isRepeated?.(item, asked) === true ? outcome(room, item, asked) : check(room, item, asked),
    )
    const ready = items.filter((_, index) => settled[index] === undefined)
    const acted = asked.dryRun || ready.length === 0 ? [] : await act(room, ready, asked)
    let at = 0
    return items.map((item, index) => settled[index] ?? acted[at++] ?? outcome(room, item, asked))
  }

export const isDone = (came: Came): came is Done => !isProblem(came)
