// Single dead letters that fit a filter, page after page; what of it dies meanwhile is counted, and shown when somebody asks.
import type { DlqEntry, DlqSearched } from '../../../shared/dlq/contract.ts'
import { api } from '../../data/api.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { loadWhenTyped } from '../../data/typed.svelte.ts'
import { entryQuery } from '../dead-letters/filter.ts'
import { fitOf, type Told } from './model.ts'

export interface EntryList {
  q: string
  rows: DlqEntry[]
  next: string | null
  searched: DlqSearched
}

const PAGE = 50

export class Entries {
  readonly loaded = new Resource<EntryList>()
  /** Those that fit and died, or were brought back, since the list was fetched. */
  fresh = $state(0)
  /** Whether there are some of which no event says if they fit. */
  unsure = $state(false)
  readonly #asked: () => string
  /** Those that came while it was being fetched: it may hold them. */
  #meanwhile: unknown[] = []

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(asked: () => string) {
    this.#asked = asked
    loadWhenTyped(asked, this.load)
    $effect(() => {
      const leave = live.events('dlq:*', ({ event, data }) => {
        if (event === 'dlq:entry-added' || event === 'dlq:entry-restored')
          this.#note(data as unknown as Told, data['dlq_id'])
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

  load = async (): Promise<void> => {
    this.fresh = 0
    this.unsure = false
    const meanwhile = (this.#meanwhile = [] as unknown[])
    await this.loaded.load((signal) => this.#fetch(signal))
    if (this.#meanwhile !== meanwhile) return
    this.fresh -= (this.loaded.value?.rows ?? []).filter(({ id }) => meanwhile.includes(id)).length
    this.#meanwhile = []
  }

  more = (): Promise<void> => this.loaded.load((signal) => this.#fetch(signal, this.loaded.value))

  /** Takes out one that is no dead letter any more. */
  drop(dlqId: unknown): void {
    const { value } = this.loaded
    if (value?.rows.some((row) => row.id === dlqId))
      this.loaded.set({ ...value, rows: value.rows.filter((row) => row.id !== dlqId) })
  }

  #note(told: Told, id: unknown): void {
    if (this.loaded.value?.rows.some((row) => row.id === id)) return
    const fit = fitOf(this.#asked(), told)
    if (fit === 'yes') this.fresh += 1
    if (fit === 'yes' && this.loaded.loading) this.#meanwhile.push(id)
    if (fit === 'maybe') this.unsure = true
  }

  async #fetch(signal: AbortSignal, before?: EntryList): Promise<EntryList> {
    const q = this.#asked()
    const { data, page, searched } = await api.dlq.list({
      query: entryQuery(q, PAGE, before?.next ?? undefined),
      signal,
    })
    return { q, rows: [...(before?.rows ?? []), ...data], next: page.next_cursor, searched }
  }
}
