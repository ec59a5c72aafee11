// Deliveries of an endpoint, page after page, kept fresh while they are looked at.
import type { DeliverySummary } from '../../../shared/deliveries/words.ts'
import { api } from '../../data/api.ts'
import { createBurst } from '../../data/burst.ts'
import { live, onGap } from '../../data/live/index.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { clock } from '../../ui/clock.ts'
import { watch } from '../../ui/watch.svelte.ts'
import { pageQuery, type Asked } from './model.ts'

export interface DeliveryList {
  asked: Asked
  /** When the first page was asked for. */
  now: number
  rows: DeliverySummary[]
  next: string | null
}

const PAGE = 50

export class Deliveries {
  readonly loaded = new Resource<DeliveryList>()
  readonly #id: () => string
  readonly #asked: () => Asked
  /** Rows to fetch again when something changed: as many as are shown. */
  #pages = 1

  /** Call it while a component is set up: it fetches and follows by itself. */
  constructor(id: () => string, asked: () => Asked) {
    this.#id = id
    this.#asked = asked
    watch(
      () => `${id()}\n${JSON.stringify(asked())}`,
      () => {
        this.#pages = 1
        void this.load()
        return undefined
      },
    )
    watch(id, (webhook) => {
      const burst = createBurst(this.load)
      const leave = live.state(`state:deliveries-${webhook}`, () => burst.happened())
      const offGap = onGap(() => void this.load())
      return () => {
        leave()
        offGap()
        burst.stop()
        this.loaded.stop()
      }
    })
  }

  load = (): Promise<void> =>
    this.loaded.load(async (signal) => {
      let list = await this.#fetch(signal)
      for (let page = 1; page < this.#pages && list.next !== null; page++) list = await this.#fetch(signal, list)
      return list
    })

  more = (): Promise<void> => {
    this.#pages += 1
    return this.loaded.load((signal) => this.#fetch(signal, this.loaded.value))
  }

  async #fetch(signal: AbortSignal, before?: DeliveryList): Promise<DeliveryList> {
    const [asked, now] = [this.#asked(), before?.now ?? clock.exact()]
    const query = pageQuery(asked, PAGE, now, before)
    const { data, page } = await api.deliveries.list({ params: { webhook_id: this.#id() }, query, signal })
    return { asked, now, rows: [...(before?.rows ?? []), ...data], next: page.next_cursor }
  }
}
