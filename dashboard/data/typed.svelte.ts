// Fetching what a filter asks for while somebody types it.
import { watch } from '../ui/watch.svelte.ts'

const TYPING_MS = 250

/** Runs `load` at once, and again whenever what is asked for is another, once typing has paused. Call it while a component is
 *  set up. */
export const loadWhenTyped = (asked: () => string, load: () => unknown): void => {
  let first = true
  watch(asked, () => {
    const timer = setTimeout(load, first ? 0 : TYPING_MS)
    first = false
    return () => clearTimeout(timer)
  })
}
