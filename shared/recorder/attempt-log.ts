// Reads what our own attempts appended and applies it; many readers may ask for it at once, it happens in turn.
import { AttemptFact, attemptLogKey } from '../attempts/facts.ts'
import { createOps } from './ops.ts'
import type { PageMaker } from './page.ts'
import { projectAttempt } from './project-attempt.ts'
import { setAside } from './set-aside.ts'
import type { RecorderStore } from './store.ts'

const PAGE = 250

/** Makes a function that applies everything appended so far and answers how much that was. */
export const createAttemptLog = (
  maker: PageMaker,
  store: RecorderStore,
  cursors: Map<string, string>,
): (() => Promise<number>) => {
  const { kernel, memory, writer } = maker
  const key = attemptLogKey(kernel)
  const readPage = async (): Promise<number> => {
    const entries = await kernel.redis.xrange(key, `(${cursors.get(key) ?? '0-0'}`, '+', 'COUNT', PAGE)
    const last = entries.at(-1)?.[0]
    if (last === undefined) return 0
    const ops = createOps()
    const writes = writer(ops)
    for (const [id, [, text = '']] of entries) {
      const fact = parse(text)
      if (fact) projectAttempt(fact, writes, memory)
      else setAside(kernel, ops, key, id, text)
    }
    await store.apply(ops, { stream: key, from: cursors.get(key), to: last })
    cursors.set(key, last)
    return entries.length
  }
  const readAll = async (): Promise<number> => {
    let total = 0
    for (let count = PAGE; count === PAGE; total += count) count = await readPage()
    return total
  }
  let turn: Promise<number> = Promise.resolve(0)
  return () => (turn = turn.catch(() => 0).then(readAll))
}

const parse = (text: string): AttemptFact | undefined => {
  try {
    return AttemptFact.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
