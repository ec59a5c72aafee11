// Operations over real Redis that count, for tests.
import { test as base } from './rooms.ts'
import type { StoppedClock } from '../../shared/kernel/clock.ts'
import { operations as rows } from '../../shared/operations/contract.ts'
import { createOperations, createRunner } from '../../shared/operations/operations.ts'
import type { Operations, Runner } from '../../shared/operations/operations.ts'
import { createOperationStore } from '../../shared/operations/store.ts'
import type { OperationStore } from '../../shared/operations/store.ts'
import type { Operation } from '../../shared/operations/words.ts'
import { createCounting } from '../../shared/operations/fixtures/counting.ts'
import type { Counting } from '../../shared/operations/fixtures/counting.ts'

export { describe, expect, person, problemOf } from './rooms.ts'

/** A signal that never fires. */
export const never = new AbortController().signal

interface Given {
  counting: Counting
  store: OperationStore
  operations: Operations
  runner: Runner
  /** An operation that counts, not run yet. */
  began: (params?: object) => Promise<Operation>
}

export const test = base.extend<Given>({
  counting: async ({ kernel }, use) => use(createCounting(kernel)),
  store: async ({ kernel }, use) => use(createOperationStore(kernel)),
  operations: async ({ kernel, bull, counting }, use) =>
    use(createOperations(kernel, { bull, kinds: [counting.kind] })),
  runner: async ({ kernel, counting }, use) => use(createRunner(kernel, [counting.kind])),
  began: async ({ operations, me }, use) =>
    use((params = {}) => operations.start(me, { kind: 'test.count', params: { items: 20, ...params } })),
})

export const page = (asked: object = {}) => rows.results.query.parse(asked)

/** Moves the clock whenever the run waits for it. */
export const whileTimePasses = async <T>(clock: StoppedClock, work: Promise<T>, step = 100): Promise<T> => {
  let over = false
  const done = work.finally(() => (over = true))
  done.catch(() => undefined)
  while (!over) {
    if (clock.sleepers > 0) await clock.advance(step)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
