// One cursor for all charts over time on a page: a moment that somebody points at in one of them is marked in the others.
import { createSubscriber } from 'svelte/reactivity'

let moment: number | undefined
let notify = (): void => undefined
const subscribe = createSubscriber((update) => {
  notify = update
  return () => (notify = () => undefined)
})

export const cursor = {
  /** Epoch ms; undefined while nobody points at anything. Reactive. */
  get at(): number | undefined {
    subscribe()
    return moment
  },
  point(at: number | undefined): void {
    if (moment === at) return
    moment = at
    notify()
  },
}
