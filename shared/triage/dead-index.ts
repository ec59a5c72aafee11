// The index of dead letters as the recorder keeps it: what dies is put in, what gets another life or goes is taken out.
import type { RawJob } from '../bullmq/bullmq.ts'
import { scoresOf } from '../bullmq/scores.ts'
import type { EventKind } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { z } from 'zod'
import { groupOf } from './aliases.ts'
import type { Aliases } from './aliases.ts'
import { openBook } from './book.ts'
import type { Book } from './book.ts'
import { deathOf } from './death.ts'
import type { Death } from './death.ts'
import { placesOf } from './deaths.ts'
import { aliasesKey, decisionsKey, entriesKey, partsKey } from './keys.ts'
import { createNews } from './news.ts'
import type { News } from './news.ts'
import { countDeath, noteDeath, packPart, partField } from './part.ts'
import type { Part } from './part.ts'
import { NO_DEATH, facetOf, scoreOf, timeOf } from './place.ts'

/** What a page of changes is collected into; the recorder applies it in one step with everything else. */
export interface IndexOps {
  write(...command: (string | number)[]): void
  last(...command: (string | number)[]): void
  count(keys: readonly string[], field: string, by?: number): void
  put(key: string, score: number, member: string): void
  take(key: string, member: string): void
  /** What `inner` collects happens only while the field still holds `was`, which then becomes `value`. */
  swap(key: string, field: string, was: string, value: string, inner: () => void): void
  fact<Kind extends EventKind>(kind: Kind, at: number, data: z.input<Kind['data']>): void
}

/** A job that was found in the failed set, or was told to have gone there. */
export interface Buried {
  id: string
  at: number
  job: RawJob
}

/** One page of changes of one queue's index. */
export interface IndexPage {
  /** A job died, and it was seen happen: it is counted, and put in unless it lives again already. Answers its group. */
  died(buried: Buried): string
  /** A job lies dead, whenever it died. */
  lies(buried: Buried): void
  /** A member of the failed set that is no dead letter: its job was cancelled, or is gone. */
  noDeath(id: string, at: number): void
  /** A job is no longer among the failed. Answers when it had died; undefined when it was no dead letter. */
  left(id: string): number | undefined
  /** When a job died as the index says, and whether it is counted where it stands; undefined when it is not in it. */
  has(id: string): { at: number; isFiled: boolean } | undefined
  /** Collects everything this comes to. */
  finish(ops: IndexOps): Promise<void>
}

export interface DeadIndex {
  /** Does some work on a queue while nobody else changes its index; reading and applying a page are one such work. */
  alone<Result>(queue: string, work: () => Promise<Result>): Promise<Result>
  /** Begins a page about these jobs. Without jobs it costs nothing. */
  open(queue: string, ids: readonly string[]): Promise<IndexPage>
  /** Queues whose entries went or came without a word for each: their indexes are to be mended. */
  readonly doubts: Set<string>
  /** The book behind it, for who makes or mends the index. */
  book(): Promise<Book>
}

export const createDeadIndex = (kernel: Kernel): DeadIndex => {
  const turns = new Map<string, Promise<unknown>>()
  const news = createNews(kernel)
  let opened: Promise<Book> | undefined
  const book = (): Promise<Book> => (opened ??= openBook(kernel))
  return {
    doubts: new Set(),
    book,
    alone(queue, work) {
      const before = turns.get(queue)
      const turn = before ? before.then(work, work) : work()
      turns.set(queue, turn)
      return turn
    },
    async open(queue, ids) {
      if (ids.length === 0) return quiet
      const [known, scores, aliases] = await Promise.all([
        book(),
        scoresOf(kernel, entriesKey(kernel, queue), ids),
        kernel.redis.hgetall(aliasesKey(kernel)),
      ])
      const desk = { kernel, queue, book: known, news, aliases }
      return createPage(desk, new Map(ids.map((id, index) => [id, scores[index]])))
    },
  }
}

/** A page about no jobs at all. */
const quiet: IndexPage = {
  died: () => '',
  lies: () => undefined,
  noDeath: () => undefined,
  left: () => undefined,
  has: () => undefined,
  finish: async () => undefined,
}

/** What was decided about a cause goes with it. */
const forget = (ops: IndexOps, kernel: Kernel, book: Book, part: Part): void => {
  ops.write('HDEL', partsKey(kernel), partField(part))
  ops.write('HDEL', aliasesKey(kernel), partField(part))
  if (book.parts().some(({ fingerprint }) => fingerprint === part.fingerprint)) return
  ops.write('HDEL', aliasesKey(kernel), part.fingerprint)
  ops.write('HDEL', decisionsKey(kernel), part.fingerprint)
}

interface Desk {
  kernel: Kernel
  queue: string
  book: Book
  news: News
  aliases: Aliases
}

const createPage = (desk: Desk, scores: Map<string, number | undefined>): IndexPage => {
  const { kernel, queue, book, news, aliases } = desk
  const touched = new Set<Part>()
  const dropped = new Set<Part>()
  const moved = new Set<string>()
  const counted: ReturnType<typeof placesOf> = []
  const fresh: Part[] = []
  const deaths = new Map<Part, (string | null)[]>()

  const place = (id: string, score: number | undefined): void => {
    scores.set(id, score)
    moved.add(id)
  }
  /** Takes an entry out of the facet it is counted in. */
  const unfile = (id: string): number | undefined => {
    const score = scores.get(id)
    if (score === undefined) return undefined
    const filed = book.byNumber(queue, facetOf(score))
    if (filed) {
      book.gone(filed)
      touched.add(filed.part)
    }
    place(id, undefined)
    return facetOf(score) === NO_DEATH ? undefined : timeOf(score)
  }
  const partFor = (death: Death, id: string, at: number): Part => {
    const found = book.partFor(queue, death, id, at)
    if (found.dropped) dropped.add(found.dropped)
    if (found.isNew) fresh.push(found.part)
    touched.add(found.part)
    return found.part
  }
  const lay = (id: string, at: number, part: Part, death: Death): void => {
    const filed = book.facetFor(part, death)
    const score = scoreOf(filed.facet.no, at)
    if (scores.get(id) === score) return
    filed.facet.open++
    unfile(id)
    place(id, score)
    touched.add(filed.part)
    noteDeath(part, death.version, id, at)
  }
  /** The sweep found it lying there before its event was read, and had it counted. */
  const wasFound = (id: string, { finishedOn }: RawJob): boolean => {
    const score = moved.has(id) ? undefined : scores.get(id)
    return score !== undefined && facetOf(score) !== NO_DEATH && timeOf(score) === finishedOn
  }
  return {
    died({ id, at, job }) {
      const death = deathOf(job)
      // What a dead letter is called by is when it died; the event may be of a millisecond later.
      const diedAt = job.finishedOn ?? at
      const part = partFor(death, id, diedAt)
      countDeath(part, at, { isKnown: wasFound(id, job) })
      counted.push(...placesOf(kernel, at, part))
      deaths.set(part, [...(deaths.get(part) ?? []), death.version])
      if (job.finishedOn !== undefined) lay(id, job.finishedOn, part, death)
      else noteDeath(part, death.version, id, diedAt)
      return groupOf(aliases, part)
    },
    lies({ id, at, job }) {
      const death = deathOf(job)
      lay(id, at, partFor(death, id, at), death)
    },
    noDeath(id, at) {
      const score = scoreOf(NO_DEATH, at)
      if (scores.get(id) === score) return
      unfile(id)
      place(id, score)
    },
    left: unfile,
    has(id) {
      const score = scores.get(id)
      if (score === undefined) return undefined
      const no = facetOf(score)
      return { at: timeOf(score), isFiled: no === NO_DEATH || book.byNumber(queue, no) !== undefined }
    },
    async finish(ops) {
      const key = entriesKey(kernel, queue)
      for (const id of moved) {
        const score = scores.get(id)
        if (score === undefined) ops.take(key, id)
        else ops.put(key, score, id)
      }
      await news.tell(ops, book, { fresh, deaths, aliases })
      for (const part of dropped) forget(ops, kernel, book, part)
      for (const part of touched) ops.write('HSET', partsKey(kernel), partField(part), packPart(part))
      for (const { key: hash, field } of counted) ops.count([hash], field)
      for (const [hash, ageS] of new Map(counted.map(({ key: hash, ageS }) => [hash, ageS])))
        ops.last('EXPIRE', hash, ageS)
    },
  }
}
