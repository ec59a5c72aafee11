// One state topic as this client knows it: a snapshot, then changes in order; anything else asks for a new snapshot.
import { isRecord, type DeltaItem } from './frames.ts'

type Rows = Record<string, unknown>
type Change = Pick<DeltaItem, 'seq' | 'set' | 'patch' | 'del'>

export interface Topic {
  epoch: string | undefined
  seq: number
  rows: Map<string, unknown>
  /** Changes that overtook their snapshot. */
  early: Change[]
}

/** `applied` changed the rows, `dropped` was old news, `resync` means changes are missing and a snapshot is needed. */
export type Step = 'applied' | 'dropped' | 'resync'

const EARLY_MAX = 200

export const emptyTopic = (): Topic => ({ epoch: undefined, seq: -1, rows: new Map(), early: [] })

/** As much of a run as tells whether it is over. */
interface Run {
  readonly start: number
  readonly run: number
}
const TOLD_MS = 60_000

/** The server forgets runs that ended a minute ago without a word: with every so many changes they are let go here too. `now` is the
 *  server's. Rows of other states are no runs, and stay. */
export const forgetRuns = ({ seq, rows }: Topic, now: number): void => {
  if (seq % 256 === 0)
    for (const [key, { start, run }] of rows as Map<string, Run>)
      if (run >= 0 && start + run < now - TOLD_MS) rows.delete(key)
}

/** What was there with what changed within it; nothing of it is written over, for pages look at it still. */
const patched = (known: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch
  const next = (Array.isArray(known) ? [...(known as unknown[])] : { ...(known as Rows) }) as Rows
  for (const key in patch) next[key] = patched(next[key], patch[key])
  return next
}

const change = (topic: Topic, { seq, set, patch, del }: Change): void => {
  for (const key of del) topic.rows.delete(key)
  for (const [key, row] of Object.entries(set)) topic.rows.set(key, row)
  for (const key in patch) topic.rows.set(key, patched(topic.rows.get(key), patch?.[key]))
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
