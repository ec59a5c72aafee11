// Invents a listener's life: what was played, when, for how long and on which device.
import { inventLibrary } from './invent.ts'
import type { Item, Library } from './invent.ts'
import { random } from './random.ts'
import type { Random } from './random.ts'

export type InventedPlay = {
  item: Item
  endedAt: number
  msPlayed: number
  device: Device
  skipped: boolean
  shuffle: boolean
}
/** The next play, later than all before it; a track when `musicOnly`. */
export type Listening = (musicOnly: boolean) => InventedPlay

type Device = { platform: string; country: string }
const devices: readonly Device[] = [
  { platform: 'ios', country: 'DE' },
  { platform: 'Android OS 12 API 31 (Fairphone, FP4)', country: 'DE' },
  { platform: 'OS X 13.4.1 [x86 8]', country: 'FR' },
  { platform: 'web_player windows 10;chrome 114.0.0.0;desktop', country: 'GB' },
]

const begin = Date.UTC(2012, 0, 1) / 1000
const end = Date.UTC(2025, 5, 30) / 1000
/** Mean distance of two plays in `listen`, in seconds, when nothing presses. */
const naturalGap = 850

/** A listener's life: sessions of about a dozen plays with hours between them. Many records are pressed into the same
 *  years, as if several people shared the account; two plays never end within the same second. */
export const listen = (seed: number, plays: number): Listening => {
  const chance = random(seed)
  const library = inventLibrary(seed)
  const pressed = Math.min(1, (end - begin) / (Math.max(1, plays) * naturalGap))
  let now = begin
  let device = devices[0] as Device
  const minute = distinctInMinute()

  return (musicOnly) => {
    const sessionStarts = chance.next() < 0.08
    if (sessionStarts) device = chance.pick(devices)
    const item = choose(library, chance, musicOnly)
    const skipped = chance.next() < 0.2
    const msPlayed = skipped ? chance.below(30_000) : item.lengthMs
    const gap = msPlayed / 1000 + (sessionStarts ? 2_000 + chance.below(10_000) : 1 + chance.below(4))
    now += Math.max(1, Math.round(gap * pressed))
    return {
      item: minute(now, item, () => library.track(chance)),
      endedAt: now,
      msPlayed,
      device,
      skipped,
      shuffle: chance.next() < 0.4,
    }
  }
}

const choose = (library: Library, chance: Random, musicOnly: boolean) =>
  chance.next() < 0.03 && !musicOnly ? library.episode(chance) : library.track(chance)

/** The basic form knows the minute only, so within one minute no item may be played twice. */
const distinctInMinute = () => {
  let minute = 0
  let played = new Set<string>()
  return (seconds: number, item: Item, another: () => Item): Item => {
    if (Math.floor(seconds / 60) !== minute) {
      minute = Math.floor(seconds / 60)
      played = new Set()
    }
    let chosen = item
    while (played.has(nameOf(chosen))) chosen = another()
    played.add(nameOf(chosen))
    return chosen
  }
}

const nameOf = ({ artist, title }: Item) => `${artist}\n${title}`
