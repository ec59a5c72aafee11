// What happened, page after page; what comes meanwhile is counted, and shown when somebody asks.
import type { Event } from '../../../shared/inbound/contract.ts'
import { api } from '../../data/api.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { loadWhenTyped } from '../../data/typed.svelte.ts'
import { queryOf, type Asked } from './model.ts'

export interface EventList {
  asked: Asked
  rows: Event[]
  next: string | null
  searched: number
}

const PAGE = 50

export class Events {
  readonly loaded = new Resource<EventList>()
  /** Events from outside that came since the list was fetched. */
  fresh = $state(0)
  readonly #asked: () => Asked

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(asked: () => Asked) {
    this.#asked = asked
    loadWhenTyped(() => JSON.stringify(asked()), this.load)
    $effect(() => {
      const leave = live.events('event:*', () => this.#note())
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

  /** An empty list fills by itself; one that is read stays as it is. */
  #note(): void {
    if (this.loaded.value?.rows.length === 0 && !this.loaded.loading) void this.load()
    else this.fresh += 1
  }

  async #fetch(signal: AbortSignal, before?: EventList): Promise<EventList> {
    const asked = this.#asked()
    const query = { ...queryOf(asked), limit: PAGE, ...(before?.next && { cursor: before.next }) }
    const { data, page, searched } = await api.events.list({ query, signal })
    return {
      asked,
      rows: [...(before?.rows ?? []), ...data],
      next: page.next_cursor,
      searched: (before?.searched ?? 0) + (searched?.searched ?? data.length),
    }
  }
}
