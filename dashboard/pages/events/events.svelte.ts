// What happened, page after page; what comes meanwhile is counted, and shown when somebody asks.
import type { Event } from '../../../shared/inbound/contract.ts'
import { api } from '../../data/api.ts'
import type { EventItem } from '../../data/live/frames.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { loadWhenTyped } from '../../data/typed.svelte.ts'
import { fits, isUnsettled, queryOf, type Asked } from './model.ts'
import { loadUntilSettled } from './settled.svelte.ts'

export interface EventList {
  asked: Asked
  rows: Event[]
  next: string | null
  searched: number
}

const PAGE = 50

export class Events {
  readonly loaded = new Resource<EventList>()
  /** Events that fit and came since the list was fetched. */
  fresh = $state(0)
  readonly #asked: () => Asked
  /** Positions of those that came while it was being fetched: it may hold them. */
  #meanwhile: string[] = []

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(asked: () => Asked) {
    this.#asked = asked
    loadWhenTyped(() => JSON.stringify(asked()), this.load)
    loadUntilSettled(
      () => this.loaded.value?.rows.find(isUnsettled)?.position,
      () => this.#settle(),
    )
    $effect(() => {
      const leave = live.events('event:*', (event) => this.#note(event))
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
    const meanwhile = (this.#meanwhile = [] as string[])
    await this.loaded.load((signal) => this.#fetch(signal))
    if (this.#meanwhile !== meanwhile) return
    const rows = this.loaded.value?.rows ?? []
    this.fresh -= rows.filter(({ position }) => meanwhile.includes(position)).length
    this.#meanwhile = []
    if (this.#isEmpty && this.fresh > 0) await this.load()
  }

  more = (): Promise<void> => this.loaded.load((signal) => this.#fetch(signal, this.loaded.value))

  get #isEmpty(): boolean {
    return !this.loaded.value?.rows.length
  }

  /** An empty list fills by itself; one that is read stays as it is. */
  #note({ id: position, name }: EventItem): void {
    if (!fits(this.#asked(), name)) return
    this.fresh += 1
    if (this.loaded.loading) this.#meanwhile.push(position)
    else if (this.#isEmpty) void this.load()
  }

  /** Asks again what the newest set off; the list stays as it is. */
  async #settle(): Promise<void> {
    const before = this.loaded.value
    if (before === undefined || this.loaded.loading) return
    await this.loaded.load(async (signal) => {
      const { rows } = await this.#fetch(signal)
      const newest = (row: Event): Event => rows.find(({ position }) => position === row.position) ?? row
      return { ...before, rows: before.rows.map(newest) }
    })
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
