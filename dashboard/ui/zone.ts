// The time zone every absolute time is shown in: the one in the link, else the preferred one, else the browser's own.
import { createSubscriber } from 'svelte/reactivity'

const own = Intl.DateTimeFormat().resolvedOptions().timeZone
let linked: string | undefined
let preferred: string | undefined

let notify = (): void => undefined
const subscribe = createSubscriber((update) => {
  notify = update
  return () => (notify = () => undefined)
})

const known = (name: string | undefined): string | undefined => {
  try {
    return name && new Intl.DateTimeFormat('en', { timeZone: name }) ? name : undefined
  } catch {
    return undefined
  }
}

export const zone = {
  /** An IANA name that `Intl` accepts; reactive. */
  get name(): string {
    subscribe()
    return linked ?? preferred ?? own
  },
  /** That of the link, where it says one: it wins over the preferred one. */
  get linked(): string | undefined {
    subscribe()
    return linked
  },
  /** The browser's own. */
  own,
  /** Takes the zone of a link; a name nobody knows is ignored. */
  choose(name: string | undefined): void {
    const before = linked
    linked = known(name)
    if (linked !== before) notify()
  },
  /** Takes the zone somebody prefers where the link says none. */
  prefer(name: string | undefined): void {
    const before = preferred
    preferred = known(name)
    if (preferred !== before) notify()
  },
  /** `Europe/Berlin, UTC+1` as of a moment. */
  words(at: number): string {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone.name, timeZoneName: 'shortOffset' }).formatToParts(at)
    const offset = parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? 'UTC'
    return zone.name === offset || zone.name === 'UTC' ? zone.name : `${zone.name}, ${offset}`
  },
}
