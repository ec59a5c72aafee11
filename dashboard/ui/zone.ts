// The time zone every absolute time is shown in: the one in the link, else the browser's own.

const own = Intl.DateTimeFormat().resolvedOptions().timeZone
let chosen: string | undefined

const known = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

export const zone = {
  /** An IANA name that `Intl` accepts. */
  get name(): string {
    return chosen ?? own
  },
  /** Takes the zone of a link; a name nobody knows is ignored. */
  choose(name: string | undefined): void {
    chosen = name && known(name) ? name : undefined
  },
  /** `Europe/Berlin, UTC+1` as of a moment. */
  words(at: number): string {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone.name, timeZoneName: 'shortOffset' }).formatToParts(at)
    const offset = parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? 'UTC'
    return zone.name === offset || zone.name === 'UTC' ? zone.name : `${zone.name}, ${offset}`
  },
}
