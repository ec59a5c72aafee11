// The audit, page after page, as the filters of the link ask for it.
import type { AuditEntry } from '../../../shared/audit/contract.ts'
import { api } from '../../data/api.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { loadWhenTyped } from '../../data/typed.svelte.ts'
import { clock } from '../../ui/clock.ts'
import { pageQuery, type Asked, type Fetched } from './model.ts'

export interface Entries extends Fetched {
  rows: readonly AuditEntry[]
  searched: number
}

const PAGE = 50
/** The most entries one file holds, and how many are fetched at once for it. */
export const FILE_MAX = 5_000
const FILE_PAGE = 200

export class AuditList {
  readonly loaded = new Resource<Entries>()
  readonly #asked: () => Asked

  /** Call it while a component is set up: it fetches by itself. */
  constructor(asked: () => Asked) {
    this.#asked = asked
    loadWhenTyped(() => JSON.stringify(asked()), this.load)
    $effect(() => () => this.loaded.stop())
  }

  load = (): Promise<void> => this.loaded.load((signal) => this.#fetch(PAGE, { signal }))

  more = (): Promise<void> => this.loaded.load((signal) => this.#fetch(PAGE, { signal, before: this.loaded.value }))

  /** Everything that fits, up to what a file holds. Throws what the API answers. */
  async all(): Promise<Entries> {
    let found = await this.#fetch(FILE_PAGE)
    while (found.next !== null && found.rows.length < FILE_MAX) found = await this.#fetch(FILE_PAGE, { before: found })
    return found
  }

  async #fetch(
    limit: number,
    { signal, before }: { signal?: AbortSignal; before?: Entries | undefined } = {},
  ): Promise<Entries> {
    const now = before?.now ?? clock.exact()
    const query = pageQuery(this.#asked(), limit, now, before)
    const { data, page, searched } = await api.audit.list({ query, ...(signal && { signal }) })
    return {
      now,
      rows: [...(before?.rows ?? []), ...data],
      next: page.next_cursor,
      searched: (before?.searched ?? 0) + (searched?.searched ?? data.length),
    }
  }
}
