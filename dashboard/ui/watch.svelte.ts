// Doing something when one value changes, and only then.
import { untrack } from 'svelte'

/** Runs `then` with the value of `source` now and whenever that value changes; what `then` reads is not followed. What it
 *  answers is called before the next run and at the end. Call it while a component is set up. */
export const watch = <Value>(source: () => Value, then: (value: Value) => undefined | (() => void)): void => {
  const value = $derived(source())
  $effect(() => {
    const current = value
    return untrack(() => then(current))
  })
}
