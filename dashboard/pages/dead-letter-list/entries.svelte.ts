// Single dead letters that fit a filter, page after page; what dies meanwhile is counted, and shown when somebody asks.
import type { DlqEntry, DlqSearched } from '../../../shared/dlq/contract.ts'
import { api } from '../../data/api.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { watch } from '../../ui/watch.svelte.ts'
import { entryQuery } from '../dead-letters/filter.ts'

interface List {
  q: string
  rows: DlqEntry[]
  next: string | null
  searched: DlqSearched
}

const PAGE = 50
const TYPING_MS = 250

export class Entries {
  readonly loaded = new Resource<List>()
  /** Those that died since the list was fetched; of the group, where it is of one. */
  fresh = $state(0)
  readonly #asked: () => string

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(asked: () => string, group?: () => string) {
    this.#asked = asked
    let first = true
    watch(asked, () => {
      const timer = setTimeout(() => void this.load(), first ? 0 : TYPING_MS)
      first = false
      return () => clearTimeout(timer)
    })
    $effect(() => {
      const leave = live.events('dlq:*', ({ event, data }) => {
        if (event === 'dlq:entry-restored' && !group) this.fresh += 1
        if (event === 'dlq:entry-added' && (!group || data['group'] === group())) this.fresh += 1
        if (event === 'dlq:entry-resubmitted' || event === 'dlq:entry-discarded') this.drop(data['dlq_id'])
      })
      const offGap = onGap(() => void this.load())
      return () => {
        leave()
        offGap()
        this.loaded.stop()
      }
    })
  }

  load = (): Promise<void> => {
    this.fresh = 0
    return this.loaded.load((signal) => this.#fetch(signal))
  }

  more = (): Promise<void> => this.loaded.load((signal) => this.#fetch(signal, this.loaded.value))

  /** Takes out one that is no dead letter any more. */
  drop(dlqId: unknown): void {
    const { value } = this.loaded
    if (value?.rows.some((row) => row.id === dlqId))
      this.loaded.set({ ...value, rows: value.rows.filter((row) => row.id !== dlqId) })
  }

  async #fetch(signal: AbortSignal, before?: List): Promise<List> {
    const q = this.#asked()
    const { data, page, searched } = await api.dlq.list({
      query: entryQuery(q, PAGE, before?.next ?? undefined),
      signal,
    })
    return { q, rows: [...(before?.rows ?? []), ...data], next: page.next_cursor, searched }
  }
}
