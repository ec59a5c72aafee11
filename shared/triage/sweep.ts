// Makes and mends a queue's index from its failed set, which is the truth, in slices that hold nobody up.
import type { Bull } from '../bullmq/bullmq.ts'
import { finite } from '../bullmq/newest.ts'
import { scoresOf } from '../bullmq/scores.ts'
import { diedAtOf } from '../dlq/id.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readBuilt, say, wanted } from './built.ts'
import type { Built, Told } from './built.ts'
import type { DeadIndex, IndexOps, IndexPage } from './dead-index.ts'
import { DEATH_FIELDS } from './death.ts'
import { builtKey, entriesKey, partsKey } from './keys.ts'
import { packPart, partField } from './part.ts'
import { rangeOf } from './place.ts'

/** Entries looked at in one slice; reading them holds Redis for a millisecond or two. */
const SLICE = 500

/** Collects what a slice comes to and applies it in one step, if that may still be done: the recorder's way of writing. */
export type Apply = (collect: (ops: IndexOps) => void | Promise<void>) => Promise<void>

export type ApplyGone = (collect: Parameters<Apply>[0], gone: number) => Promise<void>

export interface Sweep {
  /** Goes one slice further; true when the queue's index is what its failed set says. */
  step(queue: string): Promise<boolean>
  /** Compares an index with its failed set and begins to mend it where they differ. Only where every event up to `cursor`
   *  is applied and none came after it does a difference mean anything. Answers whether there is something to do. */
  check(queue: string, cursor: string): Promise<boolean>
  /** Looks at some jobs of a queue again, and applies what that comes to with how many are dead letters no more. */
  look(queue: string, ids: readonly string[], apply: ApplyGone): Promise<void>
  /** Lets go of the index of a queue that is no more. What was counted stays. */
  forget(queue: string): Promise<void>
  /** Begins to mend an index whatever it looks like; answers true. */
  mend(queue: string): Promise<boolean>
}

interface Tools {
  kernel: Kernel
  bull: Bull
  index: DeadIndex
  apply: Apply
}

export const createSweep = (tools: Tools): Sweep => {
  const { kernel, index, apply } = tools
  const mend = async (queue: string): Promise<boolean> => {
    const built = await readBuilt(kernel, queue)
    if (built.phase !== 'ready') return true
    const total = await failedCount(tools, queue)
    await apply((ops) => say(kernel, ops, queue, built, { ...wanted, usable: true, phase: 'adding', total }))
    return true
  }
  return {
    step: (queue) => index.alone(queue, () => step(tools, queue)),
    look: (queue, ids, write) => index.alone(queue, () => lookAgain(tools, queue, ids, write)),
    forget: (queue) => index.alone(queue, () => forget(tools, queue)),
    mend: (queue) => index.alone(queue, () => mend(queue)),
    check: (queue, cursor) =>
      index.alone(queue, async () => ((await differs(tools, queue, cursor)) ? mend(queue) : false)),
  }
}

const failedCount = ({ kernel, bull }: Tools, queue: string): Promise<number> =>
  kernel.redis.zcard(bull.keys(queue).failed).catch(() => 0)

const differs = async ({ kernel, bull }: Tools, queue: string, cursor: string): Promise<boolean> => {
  const replies = await kernel.redis
    .pipeline()
    .zcard(bull.keys(queue).failed)
    .zcard(entriesKey(kernel, queue))
    .xrevrange(bull.keys(queue).events, '+', '-', 'COUNT', 1)
    .exec()
  const [failed, entries, newest] = (replies ?? []).map(([error, reply]) => (error ? undefined : reply))
  const last = (newest as [string, string[]][] | undefined)?.[0]?.[0] ?? cursor
  return last === cursor && failed !== undefined && failed !== entries
}

const step = async (tools: Tools, queue: string): Promise<boolean> => {
  const built = await readBuilt(tools.kernel, queue)
  switch (built.phase) {
    case 'wanted':
      return begin(tools, queue, built)
    case 'adding':
      return add(tools, queue, built)
    case 'removing':
      return remove(tools, queue, built)
    case 'counting':
      return recount(tools, queue, built)
    case 'ready':
      return true
    default:
      return built.phase satisfies never
  }
}

const lookAgain = async (tools: Tools, queue: string, ids: readonly string[], write: ApplyGone): Promise<void> => {
  const { kernel, bull, index } = tools
  const [page, scores] = [await index.open(queue, ids), await scoresOf(kernel, bull.keys(queue).failed, ids)]
  const gone = ids.filter((id, place) => scores[place] === undefined && page.left(id) !== undefined)
  const lying = ids.flatMap((id, place) => {
    const score = scores[place]
    return score === undefined ? [] : { id, score: String(score) }
  })
  await layIn(tools, queue, page, lying)
  await write((ops) => page.finish(ops), gone.length)
}

const forget = async ({ kernel, index, apply }: Tools, queue: string): Promise<void> => {
  const book = await index.book()
  book.empty(queue)
  await apply((ops) => {
    ops.write('UNLINK', entriesKey(kernel, queue))
    for (const part of book.parts(queue)) ops.write('HSET', partsKey(kernel), partField(part), packPart(part))
    ops.write('HDEL', builtKey(kernel), queue)
  })
}

/** What is there belongs to another version, or is not to be trusted. A queue without dead letters has its index at once. */
const begin = async (tools: Tools, queue: string, built: Told): Promise<boolean> => {
  const { kernel, index, apply } = tools
  const [book, total] = [await index.book(), await failedCount(tools, queue)]
  book.empty(queue)
  await apply((ops) => {
    ops.write('UNLINK', entriesKey(kernel, queue))
    for (const part of book.parts(queue)) ops.write('HSET', partsKey(kernel), partField(part), packPart(part))
    const done = total === 0
    say(kernel, ops, queue, built, { ...wanted, phase: done ? 'ready' : 'adding', usable: done, total })
  })
  return total === 0
}

interface Lying {
  id: string
  /** Its score as Redis tells it. */
  score: string
}

/** Lays in what lies in the failed set and is not in the index, in the order of the deaths. */
const add = async (tools: Tools, queue: string, built: Told): Promise<boolean> => {
  const { kernel, index, apply } = tools
  const lying = await slice(tools, queue, built)
  const page = await index.open(
    queue,
    lying.map(({ id }) => id),
  )
  const missing = lying.filter(({ id, score }) => {
    const known = page.has(id)
    return !known?.isFiled || known.at !== diedAtOf(undefined, finite(score))
  })
  await layIn(tools, queue, page, missing)
  // What was made from nothing holds nothing that is not there.
  const next = built.usable ? 'removing' : 'counting'
  await apply(async (ops) => {
    await page.finish(ops)
    say(kernel, ops, queue, built, lying.length < SLICE ? { ...built, phase: next, scan: '0' } : onwards(built, lying))
  })
  return false
}

const slice = async ({ kernel, bull }: Tools, queue: string, { at, skip }: Built): Promise<Lying[]> => {
  const { failed } = bull.keys(queue)
  const rows = await kernel.redis
    .zrangebyscore(failed, at, '+inf', 'WITHSCORES', 'LIMIT', skip, SLICE)
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return []
      throw error
    })
  return Array.from({ length: rows.length / 2 }, (_, place) => ({
    id: rows[2 * place] ?? '',
    score: rows[2 * place + 1] ?? '0',
  }))
}

const onwards = (built: Built, lying: readonly Lying[]): Built => {
  const at = lying.at(-1)?.score ?? built.at
  const behind = lying.filter(({ score }) => score === at).length
  return { ...built, done: built.done + lying.length, at, skip: behind + (at === built.at ? built.skip : 0) }
}

const layIn = async ({ bull }: Tools, queue: string, page: IndexPage, lying: readonly Lying[]): Promise<void> => {
  if (lying.length === 0) return
  const jobs = await bull.readRaw(
    lying.map(({ id }) => ({ queue, id })),
    DEATH_FIELDS,
  )
  lying.forEach(({ id, score }, place) => {
    const job = jobs[place]
    const at = diedAtOf(job?.finishedOn, finite(score))
    if (!job || job.cancelled !== undefined) page.noDeath(id, at)
    else page.lies({ id, at, job })
  })
}

/** Takes out what no longer lies in the failed set, whoever took it away and however silently. */
const remove = async (tools: Tools, queue: string, built: Told): Promise<boolean> => {
  const { kernel, bull, index, apply } = tools
  const [scan, members] = await kernel.redis.zscan(entriesKey(kernel, queue), built.scan, 'COUNT', SLICE)
  const ids = members.filter((_, place) => place % 2 === 0)
  const scores = await scoresOf(kernel, bull.keys(queue).failed, ids)
  const gone = ids.filter((_, place) => scores[place] === undefined)
  const page = await index.open(queue, gone)
  for (const id of gone) page.left(id)
  await apply(async (ops) => {
    await page.finish(ops)
    say(kernel, ops, queue, built, { ...built, phase: scan === '0' ? 'counting' : 'removing', scan })
  })
  return false
}

/** Counts what there is now: counts that went astray with an entry come right. */
const recount = async (tools: Tools, queue: string, built: Told): Promise<boolean> => {
  const { kernel, index, apply } = tools
  const book = await index.book()
  const filed = book.parts(queue).flatMap((part) => part.facets.map((facet) => ({ part, facet })))
  const pipeline = kernel.redis.pipeline()
  for (const { facet } of filed) pipeline.zcount(entriesKey(kernel, queue), ...rangeOf(facet.no))
  const counts = (await pipeline.exec()) ?? []
  filed.forEach((one, place) => {
    const [error, count] = counts[place] ?? []
    if (!error) book.recount(one, Number(count))
  })
  await apply((ops) => {
    for (const part of book.parts(queue)) ops.write('HSET', partsKey(kernel), partField(part), packPart(part))
    say(kernel, ops, queue, built, { ...built, phase: 'ready', usable: true, done: built.total })
  })
  return true
}
