// Along the lists of jobs that are not done: a window of some lines at a time, that stays where it is while jobs come.
import { hash } from 'node:crypto'
import type { BullState, Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { JobState } from './words.ts'

export interface Line {
  readonly key: string
  readonly queue: string
  readonly kind: 'list' | 'set'
  readonly state: Extract<BullState, 'waiting' | 'active' | 'prioritized'>
}

/** The lines of a queue that hold jobs of these states. */
export const linesOf = (bull: Bull, queue: string, states: ReadonlySet<JobState>): Line[] => {
  const keys = bull.keys(queue)
  const line = (key: string, state: Line['state'], kind: Line['kind'] = 'list'): Line => ({ key, queue, kind, state })
  return [
    ...(states.has('active') ? [line(keys.active, 'active')] : []),
    ...(states.has('waiting') ? [line(keys.wait, 'waiting'), line(keys.legacyPaused, 'waiting')] : []),
    ...(states.has('prioritized') ? [line(keys.prioritized, 'prioritized', 'set')] : []),
  ]
}

/** Where a window lies in one line: marks of the job before it, of its first and of its last. Jobs that come or are taken
 *  shift a line; these do not shift. Null: nothing of the line is left. */
export type Marks = readonly [before: string, first: string, last: string] | null

/** One window of a few lines. `from` and `upto` are keys of lines, in order; `upto` ends the group. */
export interface Window {
  readonly from: string
  readonly upto?: string | undefined
  readonly offset: number
  readonly size: number
  readonly marks: Readonly<Record<string, Marks>>
}

export interface Member {
  readonly line: Line
  readonly id: string
}

export interface Looked {
  readonly members: readonly Member[]
  /** The same window, pinned. */
  readonly here: Window
  /** The window behind it; undefined at the end of all lines. */
  readonly then: Window | undefined
}

/** Lines looked at together. */
const TOGETHER = 24
const LEAST = 10
/** How far a mark that is not where it was is looked for. */
const SLACK = 64
const FAR = 4_000

/** Enough to tell the ids of one line apart. */
const markOf = (id: string): string => hash('sha1', id, 'base64url').slice(0, 6)

export const firstWindow = (size: number): Window => ({ from: '', offset: 0, size, marks: {} })

export const lookThrough = async (kernel: Kernel, lines: readonly Line[], window: Window): Promise<Looked> => {
  const { group, rest } = await groupOf(kernel, lines, window)
  const upto = window.upto ?? group.at(-1)?.key ?? window.from
  const size =
    window.upto === undefined ? Math.max(LEAST, Math.floor(window.size / Math.max(1, group.length))) : window.size
  const views = await Promise.all(group.map((line) => viewOf(kernel, line, window, size)))
  const marks = (side: 'here' | 'then'): Record<string, Marks> =>
    Object.fromEntries(views.map((view) => [markOf(view.line.key), view[side]]))
  const here: Window = { ...window, upto, size, marks: marks('here') }
  return {
    members: views.flatMap(({ line, ids }) => ids.map((id) => ({ line, id }))),
    here,
    then: views.some(({ then }) => then !== null)
      ? { ...here, offset: window.offset + size, marks: marks('then') }
      : rest
        ? { ...firstWindow(WINDOW), from: upto }
        : undefined,
  }
}

/** Jobs of all lines of a group in one window. */
export const WINDOW = 500

/** The lines of a window that hold anything. Lines are taken by their keys, so that a new queue moves no other. */
const groupOf = async (
  kernel: Kernel,
  lines: readonly Line[],
  { from, upto, marks }: Window,
): Promise<{ group: Line[]; rest: boolean }> => {
  const sorted = lines.filter(({ key }) => key > from).sort((a, b) => (a.key < b.key ? -1 : 1))
  if (upto !== undefined) {
    // What was empty when the group was made, or came since, holds only jobs that came since.
    const group = sorted.filter(({ key }) => key <= upto && marks[markOf(key)])
    return { group, rest: sorted.some(({ key }) => key > upto) }
  }
  const lengths = await lengthsOf(kernel, sorted)
  const filled = sorted.filter((_, index) => (lengths[index] ?? 0) > 0)
  return { group: filled.slice(0, TOGETHER), rest: filled.length > TOGETHER }
}

const lengthsOf = async (kernel: Kernel, lines: readonly Line[]): Promise<number[]> => {
  if (lines.length === 0) return []
  const pipeline = kernel.redis.pipeline()
  for (const { key, kind } of lines)
    if (kind === 'list') pipeline.llen(key)
    else pipeline.zcard(key)
  return ((await pipeline.exec()) ?? []).map(([error, length]) => Number(unlessForeign(error, length, 0)))
}

/** Others can write anything where BullMQ keeps its lines; what is none holds no jobs. */
const unlessForeign = <Value>(error: Error | null, value: Value, empty: Value): Value => {
  if (!error) return value
  if (error.message.startsWith('WRONGTYPE')) return empty
  throw error
}

interface View {
  readonly line: Line
  readonly ids: readonly string[]
  readonly here: Marks
  readonly then: Marks
}

const viewOf = async (kernel: Kernel, line: Line, { offset, marks }: Window, size: number): Promise<View> => {
  const pinned = marks[markOf(line.key)]
  const { ids, start } = await readFrom(kernel, line, offset, size, pinned)
  const end = endOf(ids, start, size, pinned?.[2])
  const own = ids.slice(start, end)
  const before = start > 0 ? markOf(ids[start - 1] ?? '') : (pinned?.[0] ?? '')
  const [first, last, next] = [own[0], own.at(-1), ids[end]]
  if (first === undefined || last === undefined) return { line, ids: [], here: null, then: null }
  return {
    line,
    ids: own,
    here: [before, markOf(first), markOf(last)],
    then: next === undefined ? null : [markOf(last), markOf(next), ''],
  }
}

/** A window that was seen before ends where it ended. */
const endOf = (ids: readonly string[], start: number, size: number, last: string | undefined): number => {
  const end = last ? ids.findIndex((id, index) => index >= start && markOf(id) === last) : -1
  return end < 0 ? Math.min(ids.length, start + size) : end + 1
}

/** Reads a stretch of a line that holds the window and one more, and tells where in it the window begins. Where the marks are
 *  gone it begins where it would if nothing had come: jobs may be seen twice, none is left out. */
const readFrom = async (
  kernel: Kernel,
  line: Line,
  offset: number,
  size: number,
  marks: Marks | undefined,
): Promise<{ ids: string[]; start: number }> => {
  if (!marks) return { ids: await idsOf(kernel, line, offset, size + 1), start: 0 }
  for (const slack of [SLACK, FAR]) {
    const low = Math.max(0, offset - slack)
    const ids = await idsOf(kernel, line, low, offset - low + size + 1 + slack)
    const found = startIn(ids, marks)
    if (found >= 0) {
      if (found + size < ids.length || ids.length < offset - low + size + 1 + slack) return { ids, start: found }
      return { ids: await idsOf(kernel, line, low, found + size + 1), start: found }
    }
  }
  return { ids: await idsOf(kernel, line, offset, size + 1), start: 0 }
}

const startIn = (ids: readonly string[], [before, first]: readonly [string, string, string]): number => {
  const own = ids.map(markOf)
  const at = own.indexOf(first)
  if (at >= 0 || before === '') return at
  const behind = own.indexOf(before)
  return behind < 0 ? -1 : behind + 1
}

const idsOf = async (kernel: Kernel, { key, kind }: Line, from: number, count: number): Promise<string[]> => {
  const work = kind === 'list' ? kernel.redis.lrange(key, from, from + count - 1) : kernel.redis.zrange(key, from, from + count - 1) // prettier-ignore
  return work.catch((error: unknown) => unlessForeign(error as Error, [], []))
}
