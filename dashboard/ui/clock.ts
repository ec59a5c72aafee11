// One clock for every age on the page: ticks once a second while somebody looks, corrected to the server's time.
import { createSubscriber } from 'svelte/reactivity'

let offset = 0
let current = Date.now()

const subscribe = createSubscriber((update) => {
  const tick = (): void => {
    current = Date.now() + offset
    update()
  }
  const timer = setInterval(tick, 1_000)
  tick()
  return () => clearInterval(timer)
})

export const clock = {
  /** Server time in epoch ms, at most a second old; reading it in a component re-renders that component each second. */
  get now(): number {
    subscribe()
    return current
  },
  /** Server time to the millisecond, for drawing; not reactive. */
  exact: (): number => Date.now() + offset,
  /** Tells how far the server is ahead of this device, in ms. */
  correct: (serverAheadMs: number): void => {
    offset = serverAheadMs
  },
}
