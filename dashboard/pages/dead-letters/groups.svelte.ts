// The groups that fit what is asked, page after page, fresh within two seconds of a death, and still while somebody reads them.
import type { DlqGroup } from '../../../shared/triage/contract.ts'
import { api } from '../../data/api.ts'
import { createBurst } from '../../data/burst.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { loadWhenTyped } from '../../data/typed.svelte.ts'
import { groupQuery, type Show } from './filter.ts'
import { arrange } from './model.ts'

export interface Asked {
  q: string
  show: Show
}

export interface GroupList {
  asked: Asked
  rows: DlqGroup[]
  next: string | null
}

const PAGE = 50
const PAGE_MAX = 200
/** How often rows change places where nothing else changed: two causes that jobs die of in turns would swap with each death. */
const ORDER_MS = 10_000

export class Groups {
  readonly loaded = new Resource<GroupList>()
  /** Groups that came while the list was held. */
  fresh = $state(0)
  /** Another page is on its way; not so when the list is fetched again by itself. */
  extending = $state(false)
  /** Somebody has pointer or focus in the list. */
  #held = false
  #newest: GroupList | undefined
  #orderedAt = 0
  #order: ReturnType<typeof setTimeout> | undefined
  readonly #asked: () => Asked

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(asked: () => Asked) {
    this.#asked = asked
    loadWhenTyped(() => JSON.stringify(asked()), this.load)
    $effect(() => {
      const burst = createBurst(() => this.#refresh())
      const leave = live.events('dlq:*', burst.happened)
      const offGap = onGap(() => void this.load())
      return () => {
        burst.stop()
        leave()
        offGap()
        clearTimeout(this.#order)
        this.loaded.stop()
      }
    })
  }

  /** Shows what there is now, in the order of now. */
  load = (): Promise<void> => this.loaded.load(async (signal) => this.#take(await this.#fetch(signal)))

  more = async (): Promise<void> => {
    this.extending = true
    await this.loaded.load(async (signal) => {
      const { rows, next, asked } = await this.#fetch(signal, this.loaded.value?.next ?? undefined)
      // As it is now: rows may have found their places meanwhile.
      const shown = this.loaded.value?.rows ?? []
      // One that fell behind the end of what is shown comes again.
      const added = rows.filter(({ id }) => !shown.some((row) => row.id === id))
      return this.#take({ asked, rows: [...shown, ...added], next })
    })
    this.extending = false
  }

  /** Holds the rows where they are, or lets them go where they belong. */
  hold(held: boolean): void {
    this.#held = held
    this.#settle()
  }

  /** Shows what was held back, unless somebody is in the list. */
  #settle(): void {
    if (!this.#held && this.#newest) this.loaded.set(this.#take(this.#newest))
  }

  /** Puts in groups as an action answered them. */
  put(changed: readonly DlqGroup[]): void {
    const { value } = this.loaded
    const asNow = (row: DlqGroup): DlqGroup => changed.find(({ id }) => id === row.id) ?? row
    this.#newest = undefined
    this.fresh = 0
    if (value) this.loaded.set({ ...value, rows: value.rows.map(asNow) })
    void this.load()
  }

  #take(list: GroupList): GroupList {
    clearTimeout(this.#order)
    this.#order = undefined
    this.#newest = undefined
    this.#orderedAt = Date.now()
    this.fresh = 0
    return list
  }

  /** As many as are shown, without a word of it while they come. */
  async #refresh(): Promise<void> {
    const shown = this.loaded.value
    if (document.hidden || this.loaded.loading || !shown) return
    await this.loaded.load(async (signal) => {
      const newest = await this.#fetch(signal, undefined, Math.max(PAGE, Math.min(PAGE_MAX, shown.rows.length)))
      const { rows, fresh } = arrange(shown.rows, newest.rows, true)
      const isSame = fresh === 0 && rows.length === newest.rows.length && Date.now() - this.#orderedAt < ORDER_MS
      if (!this.#held && !isSame) return this.#take(newest)
      this.#newest = newest
      this.fresh = fresh
      this.#order ??= setTimeout(() => {
        this.#order = undefined
        this.#settle()
      }, ORDER_MS)
      return { ...shown, rows }
    })
  }

  async #fetch(signal: AbortSignal, cursor?: string, limit = PAGE): Promise<GroupList> {
    const asked = this.#asked()
    const { data, page } = await api.triage.list({ query: groupQuery(asked.q, asked.show, limit, cursor), signal })
    return { asked, rows: data, next: page.next_cursor }
  }
}
