// Performing the operations of a batch: those of one kind together, those on one thing one after the other.
import { isDone } from '../jobs/many.ts'
import type { Came } from '../jobs/many.ts'
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { InsufficientScope, Internal } from '../kernel/problems.ts'
import { redisProblem } from '../kernel/redis-errors.ts'
import { NotAttempted } from './contract.ts'
import { keyOf, lookAll } from './look.ts'
import type { Subject } from './look.ts'
import { verbs } from './verbs.ts'
import type { Entry, How, Performing } from './verbs.ts'
import type { BatchMode, BatchOp, BatchResult } from './words.ts'

/** An operation with its place in the batch. */
export interface BatchItem {
  readonly index: number
  readonly op: BatchOp
  /** How many operations on the same thing came before it, as far as their ids tell. */
  readonly turn?: number
  /** A scope it needs that whoever asked does not hold. */
  readonly lacks?: string
}

/** What came of an item, and what it turned out to be about. */
export interface Performed {
  readonly item: BatchItem
  readonly came: Came
  readonly subject?: Subject
}

/** Answers in the order of the items. `mark` and `turn` of an item tell what was done when they are performed again. With
 *  `strict` a Redis that is away is thrown and not each item's own failure. */
export const performItems = async (
  room: Performing,
  items: readonly BatchItem[],
  how: How & { mode: BatchMode; strict: boolean },
): Promise<Performed[]> => {
  if (how.dryRun) {
    const foreseen = await foresee(room, items, how)
    return how.mode === 'independent' ? foreseen : cutOff(foreseen)
  }
  if (how.mode === 'independent') return performTogether(room, items, how)
  const performed: Performed[] = []
  for (const item of items) {
    performed.push(...(await performTogether(room, [item], how)))
    const last = performed.at(-1)
    if (last && !isDone(last.came)) break
  }
  return [...performed, ...items.slice(performed.length).map(leave)]
}

/** Items that are looked up by one call. */
const FORESEEN_AT_ONCE = 250

const foresee = async (room: Performing, items: readonly BatchItem[], how: Strictness): Promise<Performed[]> => {
  const foreseen: Performed[] = []
  for (let from = 0; from < items.length; from += FORESEEN_AT_ONCE)
    foreseen.push(...(await performTogether(room, items.slice(from, from + FORESEEN_AT_ONCE), how)))
  return foreseen
}

export const leave = (item: BatchItem): Performed => ({
  item,
  came: NotAttempted('It was left undone because an operation before it failed.'),
})

const cutOff = (performed: readonly Performed[]): Performed[] => {
  const failed = performed.findIndex(({ came }) => !isDone(came))
  return performed.map((one, n) => (failed >= 0 && n > failed ? leave(one.item) : one))
}

type Strictness = How & { strict: boolean }

/** In turns: of the operations on one thing only the first takes part in each. */
const performTogether = async (
  room: Performing,
  items: readonly BatchItem[],
  how: Strictness,
): Promise<Performed[]> => {
  const performed = new Map<number, Performed>()
  const permitted = items.filter((item) => {
    if (item.lacks === undefined) return true
    performed.set(item.index, { item, came: lacking(item.op, item.lacks) })
    return false
  })
  let left: readonly BatchItem[] = permitted
  for (let turn = 0; left.length > 0; turn++) {
    const later: BatchItem[] = []
    for (const one of await performTurn(room, left, later, how, turn)) performed.set(one.item.index, one)
    left = later
  }
  return items.map(({ index }) => performed.get(index)).filter((one) => one !== undefined)
}

const lacking = ({ op }: BatchOp, needed: string): Problem =>
  InsufficientScope(`${op} needs ${needed}, which the credential lacks.`, { members: { needed } })

/** Puts those that are about a thing an earlier one is about into `later`. */
const performTurn = async (
  room: Performing,
  items: readonly BatchItem[],
  later: BatchItem[],
  how: Strictness,
  turn: number,
): Promise<Performed[]> => {
  const looked = await guarded(how, items.length, () => lookAll(room, how.asker, items.map(({ op }) => op))) // prettier-ignore
  const settled: Performed[] = []
  const groups = new Map<string, { item: BatchItem; entry: Entry }[]>()
  const taken = new Set<string>()
  items.forEach((item, n) => {
    const subject = looked[n]
    if (subject === undefined || isProblem(subject)) {
      settled.push({ item, came: subject ?? Internal('It was not looked up.') })
      return
    }
    const key = keyOf(subject)
    if (key !== undefined && taken.has(key) && !how.dryRun) {
      later.push(item)
      return
    }
    if (key !== undefined) taken.add(key)
    const name = `${item.op.op}.${(item.turn ?? 0) + turn}`
    groups.set(name, [...(groups.get(name) ?? []), { item, entry: { index: item.index, op: item.op, subject } }])
  })
  const acted = await Promise.all(
    [...groups].map(async ([name, group]) => {
      const came = await act(room, group.map(({ entry }) => entry), { ...how, mark: `${how.mark}.${name}` }) // prettier-ignore
      return group.map(({ item, entry }, n): Performed => ({
        item,
        came: came[n] ?? Internal('It was not answered.'),
        subject: entry.subject,
      }))
    }),
  )
  return [...settled, ...acted.flat()]
}

/** What breaks off for all is tried one by one: what was done is known by its mark, and what breaks off again fails alone. */
const act = async (room: Performing, entries: readonly Entry[], how: Strictness): Promise<Came[]> => {
  const [first] = entries
  if (!first) return []
  const verb = verbs[first.op.op] as (room: Performing, entries: readonly Entry[], how: How) => Promise<Came[]>
  try {
    return await verb(room, entries, how)
  } catch (error) {
    const problem = unavailable(error)
    if (problem && how.strict) throw problem
    if (problem) return entries.map(() => problem)
    if (entries.length === 1) return [failed(room, error)]
    const came: Came[] = []
    for (const entry of entries) came.push(...(await act(room, [entry], how)))
    return came
  }
}

const unavailable = (error: unknown): Problem | undefined => {
  const named = redisProblem(error)
  return isProblem(named) && named.kind === 'unavailable' ? named : undefined
}

const failed = ({ steering: { kernel } }: Performing, error: unknown): Problem => {
  if (isProblem(error)) return error
  kernel.log.error('an operation of a batch failed', { error })
  return Internal('Something went wrong here. The log has the cause.', { cause: error })
}

const guarded = async (
  { strict }: Strictness,
  count: number,
  work: () => Promise<(Subject | Problem)[]>,
): Promise<(Subject | Problem)[]> => {
  try {
    return await work()
  } catch (error) {
    const problem = unavailable(error)
    if (!problem || strict) throw problem ?? error
    return Array.from({ length: count }, () => problem)
  }
}

/** What is told of an item. */
export const resultOf = ({ item: { index, op }, came, subject }: Performed): BatchResult => {
  const about = aboutOf(op, subject)
  if (isDone(came)) {
    const { dlq_id = about.dlq_id, ...data } = came.data
    return {
      index,
      op: op.op,
      status: came.status,
      ...about,
      ...(dlq_id === undefined ? {} : { dlq_id: dlq_id as string }),
      data,
    }
  }
  const { code, title, status, message: detail, extras } = came
  const problem = {
    code,
    title,
    status,
    detail,
    ...(extras.errors ? { errors: extras.errors } : {}),
    ...extras.members,
  }
  return { index, op: op.op, status, ...about, problem }
}

const aboutOf = (op: BatchOp, subject: Subject | undefined): Pick<BatchResult, 'task_id' | 'dlq_id'> => {
  const task_id =
    subject?.is === 'job'
      ? formatAddress(subject.found.address)
      : subject?.is === 'dead'
        ? formatAddress(subject.dead.address)
        : 'task_id' in op
          ? op.task_id
          : undefined
  return { ...(task_id === undefined ? {} : { task_id }), ...('dlq_id' in op ? { dlq_id: op.dlq_id } : {}) }
}
