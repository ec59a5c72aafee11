// One group as the newest known, and the operations about it: fetched, and fetched again when the stream tells of it.
import type { Operation } from '../../../shared/operations/words.ts'
import type { DlqGroup, DlqGroupDetail } from '../../../shared/triage/contract.ts'
import { api } from '../../data/api.ts'
import { createBurst } from '../../data/burst.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { session } from '../../data/session.ts'
import { watch } from '../../ui/watch.svelte.ts'

export class OneGroup {
  readonly loaded = new Resource<DlqGroupDetail>()
  /** Operations about it that have not ended, whoever asked for them. */
  readonly open = new Resource<Operation[]>()
  readonly #id: () => string

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(id: () => string) {
    this.#id = id
    watch(id, () => {
      void this.load()
      const burst = createBurst(() => void this.load())
      const leave = live.events('dlq:*', burst.happened)
      const offGap = onGap(() => void this.load())
      return () => {
        burst.stop()
        leave()
        offGap()
        this.loaded.stop()
        this.open.stop()
      }
    })
    watch(id, () => {
      if (session.lacks('operations:read') === undefined) void this.#look()
      return undefined
    })
  }

  load = (): Promise<void> =>
    this.loaded.load((signal) => api.triage.show({ params: { group_id: this.#id() }, signal }))

  /** Puts in what an action answered; deaths by minute are not told by it. */
  put(group: DlqGroup): void {
    this.loaded.set({ ...group, minutes: this.loaded.value?.minutes ?? [] })
  }

  #look(): Promise<void> {
    return this.open.load(async (signal) => {
      const query = { limit: 50, status: ['queued', 'running', 'paused'] as const }
      const { data } = await api.operations.list({ query: { ...query, status: [...query.status] }, signal })
      return data.filter(({ params }) => isAbout(params, this.#id()))
    })
  }
}

const isAbout = ({ filter }: Operation['params'], id: string): boolean => {
  const { group } = (filter ?? {}) as { group?: unknown }
  return Array.isArray(group) && group.includes(id)
}
