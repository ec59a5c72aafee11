// Which queues' indexes of dead letters are to be made or mended, and the recorder's way of doing a slice of that.
import { readAllBuilt } from '../triage/built.ts'
import { parseNote, recheckKey } from '../triage/recheck.ts'
import { createSweep } from '../triage/sweep.ts'
import type { Sweep } from '../triage/sweep.ts'
import { createOps } from './ops.ts'
import type { PageMaker } from './page.ts'
import type { RecorderStore } from './store.ts'

export interface Indexing {
  /** The queues that need a slice: those without an index, those asked for, and those found to differ. */
  due(queues: readonly string[]): Promise<string[]>
  /** Looks again at the jobs that somebody has asked to be looked at, some notes at a time. Answers how many notes. */
  recheck(): Promise<number>
  /** Goes one slice further; true when the queue is done. */
  step(queue: string): Promise<boolean>
}

/** The step of the log of applications that slices are; all of them come in turn. */
const STREAM = 'triage'
/** Every index is mended once in so many rounds, some six hours, whether or not it seems to differ. */
const MEND_ROUNDS = 4_320

export const createIndexing = (parts: PageMaker, store: RecorderStore, cursors: Map<string, string>): Indexing => {
  const { kernel, bull, index } = parts
  let turn: Promise<void> = Promise.resolve()
  const sweep = createSweep({
    ...{ kernel, bull, index },
    async apply(collect) {
      const ops = createOps()
      await collect(ops)
      turn = turn.catch(() => undefined).then(() => store.apply(ops, { stream: STREAM, from: '', to: '' }))
      await turn
    },
  })
  const seen = new Map<string, string | undefined>()
  /** A queue that told nothing since it was compared is not compared again. */
  const compare = async (queue: string): Promise<boolean> => {
    const cursor = cursors.get(bull.keys(queue).events)
    if (seen.has(queue) && seen.get(queue) === cursor) return false
    seen.set(queue, cursor)
    return sweep.check(queue, cursor ?? '0-0')
  }
  let round = 0
  const needs = (queue: string): Promise<boolean> =>
    index.doubts.delete(queue) || round % MEND_ROUNDS === MEND_ROUNDS - 1 ? sweep.mend(queue) : compare(queue)
  return {
    async due(queues) {
      round++
      const built = await readAllBuilt(kernel)
      for (const queue of built.keys())
        if (!queues.includes(queue) && !(await bull.exists(queue))) await sweep.forget(queue)
      const found: string[] = []
      for (const queue of queues) if (built.get(queue)?.phase !== 'ready' || (await needs(queue))) found.push(queue)
      return found
    },
    recheck: () => recheckNotes(parts, sweep, store, cursors),
    step: (queue) => sweep.step(queue),
  }
}

const NOTES = 20

/** Notes are a log as the attempts' is: each is applied with the step behind it, so once. */
const recheckNotes = async (
  { kernel, writer }: PageMaker,
  sweep: Sweep,
  store: RecorderStore,
  cursors: Map<string, string>,
): Promise<number> => {
  const key = recheckKey(kernel)
  const entries = await kernel.redis.xrange(key, `(${cursors.get(key) ?? '0-0'}`, '+', 'COUNT', NOTES)
  for (const [id, fields] of entries) {
    const { queue, ids } = parseNote(fields)
    await sweep.look(queue, ids, async (collect, gone) => {
      const ops = createOps()
      const writes = writer(ops)
      for (let n = 0; n < gone; n++) writes.count(queue, 'discarded', kernel.clock.now())
      await collect(ops)
      await store.apply(ops, { stream: key, from: cursors.get(key), to: id })
      cursors.set(key, id)
    })
  }
  const last = entries.at(-1)?.[0]
  if (last !== undefined) await kernel.redis.xtrim(key, 'MINID', last)
  return entries.length
}
