// Whether the page is as narrow as a phone, so that only one navigation exists at a time.
import { MediaQuery } from 'svelte/reactivity'

const narrow = new MediaQuery('max-width: 640px')

export const phone = {
  get is(): boolean {
    return narrow.current
  },
}
