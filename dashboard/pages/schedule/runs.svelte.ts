// The runs of one schedule, page after page, fresh soon after something happened to one of them.
import type { ScheduleRun } from '../../../shared/schedules/runs-contract.ts'
import { api } from '../../data/api.ts'
import { Resource } from '../../data/resource.svelte.ts'

export interface RunList {
  rows: ScheduleRun[]
  next: string | null
}

const PAGE = 100

export class Runs {
  readonly loaded = new Resource<RunList>()
  readonly #id: () => string

  constructor(id: () => string) {
    this.#id = id
  }

  load = (): Promise<void> => this.loaded.load((signal) => this.#page(signal))
  more = (): Promise<void> => this.loaded.load((signal) => this.#page(signal, this.loaded.value))

  async #page(signal: AbortSignal, before?: RunList): Promise<RunList> {
    const query = { limit: PAGE, ...(before?.next && { cursor: before.next }) }
    const { data, page } = await api.scheduleRuns.runs({ params: { schedule_id: this.#id() }, query, signal })
    return { rows: [...(before?.rows ?? []), ...data], next: page.next_cursor }
  }
}
