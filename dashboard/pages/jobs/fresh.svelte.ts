// How many jobs came to fit the filter since the list was fetched: the page may stay open for days.
import { SvelteSet } from 'svelte/reactivity'
import { count, countOf } from '../../ui/format.ts'

/** So many are told apart; who has not looked for that long need not know how many more there are. */
const KNOWN_MAX = 10_000

export class Fresh {
  #isMore = $state(false)
  readonly #ids = new SvelteSet<string>()

  /** What the button says that shows them; undefined while there are none. */
  get words(): string | undefined {
    if (this.#ids.size >= KNOWN_MAX) return `Show ${count(KNOWN_MAX)} new jobs and more`
    if (this.#isMore) return 'Show new jobs'
    return this.#ids.size === 0 ? undefined : `Show ${countOf(this.#ids.size, 'new job')}`
  }

  add(id: string): void {
    if (this.#ids.size < KNOWN_MAX) this.#ids.add(id)
  }

  remove(jobs: readonly { id: string }[]): void {
    for (const { id } of jobs) this.#ids.delete(id)
  }

  /** There are more than were told of. */
  missed(): void {
    this.#isMore = true
  }

  clear(): void {
    this.#ids.clear()
    this.#isMore = false
  }
}
