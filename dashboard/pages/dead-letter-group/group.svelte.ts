// One group as the newest known, and the operations about it: fetched, then fetched again or kept as the stream tells.
import type { Operation } from '../../../shared/operations/words.ts'
import type { DlqGroup, DlqGroupDetail } from '../../../shared/triage/contract.ts'
import { api } from '../../data/api.ts'
import { createBurst } from '../../data/burst.ts'
import { live, onGap } from '../../data/live/index.ts'
import { isOver } from '../../data/operation.svelte.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { watch } from '../../ui/watch.svelte.ts'

export class OneGroup {
  readonly loaded = new Resource<DlqGroupDetail>()
  /** Operations about it that have not ended, whoever asked for them; none for who may not see operations. */
  open = $state.raw<readonly string[]>([])
  readonly #id: () => string

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(id: () => string) {
    this.#id = id
    watch(id, (group) => {
      void this.load()
      const burst = createBurst(this.load)
      const leaves = [
        live.events('dlq:*', burst.happened),
        live.state('state:operations', (rows) => (this.open = openAbout(rows.values(), group))),
        onGap(() => void this.load()),
        burst.stop,
      ]
      return () => {
        leaves.forEach((leave) => leave())
        this.loaded.stop()
      }
    })
  }

  load = (): Promise<void> =>
    this.loaded.load((signal) => api.triage.show({ params: { group_id: this.#id() }, signal }))

  /** Puts in what an action answered; deaths by minute are not told by it. */
  put(group: DlqGroup): void {
    this.loaded.set({ ...group, minutes: this.loaded.value?.minutes ?? [] })
  }
}

const openAbout = (operations: Iterable<unknown>, group: string): string[] =>
  ([...operations] as Operation[])
    .filter((operation) => !isOver(operation) && isAbout(operation.params, group))
    .map(({ id }) => id)

const isAbout = ({ filter }: Operation['params'], group: string): boolean => {
  const { group: groups } = (filter ?? {}) as { group?: unknown }
  return Array.isArray(groups) && groups.includes(group)
}
