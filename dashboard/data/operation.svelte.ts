// One operation as the newest known: fetched, and fetched again while it goes on and whenever the stream tells of it.
import type { Operation } from '../../shared/operations/words.ts'
import { watch } from '../ui/watch.svelte.ts'
import { api } from './api.ts'
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

  /** Call it while a component is set up: it follows by itself until that is gone. */
  constructor(id: () => string) {
    this.#id = id
    watch(id, () => {
      void this.load()
      const timer = setInterval(() => this.#look(), LOOK_MS)
      const leave = live.events('operation:*', ({ data }) => {
        if (data['operation_id'] === id()) void this.load()
      })
      const offGap = onGap(() => void this.load())
      return () => {
        clearInterval(timer)
        leave()
        offGap()
        this.loaded.stop()
      }
    })
  }

  load = (): Promise<void> =>
    this.loaded.load((signal) => api.operations.show({ params: { operation_id: this.#id() }, signal }))

  #look(): void {
    const { value, loading } = this.loaded
    if (value && isUnderWay(value) && !loading && !document.hidden) void this.load()
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
