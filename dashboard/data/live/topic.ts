// One state topic as this client knows it: a snapshot, then changes in order; anything else asks for a new snapshot.
import type { DeltaItem } from './frames.ts'

type Rows = Record<string, unknown>
type Change = Pick<DeltaItem, 'seq' | 'set' | 'del'>

export interface Topic {
  epoch: string | undefined
  seq: number
  rows: Map<string, unknown>
  /** Changes that overtook their snapshot. */
  early: Change[]
  /** With so many rows it is time to look for old ones. */
  full: number
}

/** `applied` changed the rows, `dropped` was old news, `resync` means changes are missing and a snapshot is needed. */
export type Step = 'applied' | 'dropped' | 'resync'

const EARLY_MAX = 200
/** Fewer rows are not looked through. */
const FULL_LEAST = 1_000

export const emptyTopic = (): Topic => ({ epoch: undefined, seq: -1, rows: new Map(), early: [], full: FULL_LEAST })

/** Lets go of old rows where the server forgets them without a word; looked for whenever there are twice as many as were left. */
export const forgetOld = (topic: Topic, isOld: (row: unknown) => boolean): void => {
  if (topic.rows.size < topic.full) return
  for (const [key, row] of topic.rows) if (isOld(row)) topic.rows.delete(key)
  topic.full = Math.max(FULL_LEAST, 2 * topic.rows.size)
}

const change = (topic: Topic, { seq, set, del }: Change): void => {
  for (const key of del) topic.rows.delete(key)
  for (const [key, row] of Object.entries(set)) topic.rows.set(key, row)
  topic.seq = seq
}

/** Takes a whole state; one of the same epoch that is older than what is known is dropped. */
export const takeSnapshot = (topic: Topic, epoch: string, seq: number, rows: Rows): Step => {
  if (topic.epoch === epoch && seq < topic.seq) return 'dropped'
  topic.epoch = epoch
  topic.seq = seq
  topic.rows = new Map(Object.entries(rows))
  const waiting = topic.early.sort((one, other) => one.seq - other.seq)
  topic.early = []
  return waiting.some((early) => takeChange(topic, early) === 'resync') ? 'resync' : 'applied'
}

/** Takes the next change: one that was seen is dropped, one that skips ahead needs a new snapshot. */
export const takeChange = (topic: Topic, next: Change): Step => {
  if (topic.epoch === undefined) return hold(topic, next)
  if (next.seq <= topic.seq) return 'dropped'
  if (next.seq > topic.seq + 1) return 'resync'
  change(topic, next)
  return 'applied'
}

const hold = (topic: Topic, next: Change): Step => {
  topic.early.push(next)
  return topic.early.length > EARLY_MAX ? 'resync' : 'dropped'
}
