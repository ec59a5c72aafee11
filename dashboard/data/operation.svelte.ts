// One operation as the newest known: fetched, and fetched again while it goes on and whenever the stream tells of it.
import type { Operation } from '../../shared/operations/words.ts'
import { watch } from '../ui/watch.svelte.ts'
import { api } from './api.ts'
import { createBurst } from './burst.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'

/** Nothing tells of a step that waits for its result. */
const LOOK_MS = 1_000

/** It is worked on, or will be when a worker is free. */
export const isUnderWay = ({ status }: Pick<Operation, 'status'>): boolean =>
  status === 'queued' || status === 'running'

/** It has ended; a paused one has not. */
export const isOver = (operation: Pick<Operation, 'status'>): boolean =>
  !isUnderWay(operation) && operation.status !== 'paused'

export class Followed {
  readonly loaded = new Resource<Operation>()
  readonly #id: () => string
  #askedAt = 0

  /** Call it while a component is set up: it follows by itself until that is gone. */
  constructor(id: () => string) {
    this.#id = id
    watch(id, () => {
      const burst = createBurst(this.load)
      burst.now()
      const timer = setInterval(() => this.#isDue() && burst.now(), LOOK_MS)
      const leave = live.events('operation:*', ({ data }) => {
        // At once, or after the answer that is on its way: it may be of before.
        if (data['operation_id'] === id() && !burst.now()) burst.happened()
      })
      const offGap = onGap(() => void this.load())
      return () => {
        clearInterval(timer)
        burst.stop()
        leave()
        offGap()
        this.loaded.stop()
      }
    })
  }

  load = (): Promise<void> => {
    this.#askedAt = Date.now()
    return this.loaded.load((signal) => api.operations.show({ params: { operation_id: this.#id() }, signal }))
  }

  /** Whether nothing was asked for half a look, neither by a look nor for what was heard. */
  #isDue(): boolean {
    const { value } = this.loaded
    const isQuiet = Date.now() - this.#askedAt > LOOK_MS / 2
    return value !== undefined && isUnderWay(value) && isQuiet && !document.hidden
  }
}

const ENDS_WITHIN_MS = 20_000

/** Takes back what an operation did; one that still goes on is ended first. Throws what the API answers. */
export const undo = async (id: string): Promise<Operation> => {
  const params = { operation_id: id }
  let now = await api.operations.show({ params })
  if (!isOver(now)) now = await api.operations.cancel({ params })
  for (const until = Date.now() + ENDS_WITHIN_MS; !isOver(now) && Date.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS / 4))
    now = await api.operations.show({ params })
  }
  return api.operations.undo({ params })
}
