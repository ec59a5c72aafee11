// What the API says of a trigger while it is typed: its meaning in words, its next times, and what is wrong with it.
import type { TriggerCheck, TriggerToCheck } from '../../../shared/schedules/contract.ts'
import { api } from '../../data/api.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { watch } from '../../ui/watch.svelte.ts'

const TYPING_MS = 300

export class Check {
  readonly loaded = new Resource<TriggerCheck>()
  readonly #body: () => string | undefined

  /** `body` is what the times come from as JSON, or undefined while it makes no sense; the last answer stays meanwhile. Call it while a
   *  component is set up. */
  constructor(body: () => string | undefined) {
    this.#body = body
    watch(body, (text) => {
      if (text === undefined) return
      const timer = setTimeout(() => void this.load(), this.loaded.value ? TYPING_MS : 0)
      return () => clearTimeout(timer)
    })
  }

  load = async (): Promise<void> => {
    const text = this.#body()
    if (text === undefined) return
    const body = JSON.parse(text) as TriggerToCheck
    await this.loaded.load((signal) => api.schedules.validate({ body, signal }))
  }
}
