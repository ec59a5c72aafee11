// What an event set off is known a moment after it came; until then it is asked again.
import { createBurst } from '../../data/burst.ts'
import { watch } from '../../ui/watch.svelte.ts'

/** Runs `load` soon and once more when there is another event of which that is not known; `which` names the newest one. Call it
 *  while a component is set up. */
export const loadUntilSettled = (which: () => string | undefined, load: () => Promise<unknown>): void =>
  watch(which, (event) => {
    if (event === undefined) return undefined
    const burst = createBurst(load)
    burst.happened()
    return burst.stop
  })
