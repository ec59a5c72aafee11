// Invents what a listener listens to: artists with albums and tracks, shows with episodes, and devices.
import { random } from './random.ts'
import type { Random } from './random.ts'

export type Item = {
  kind: 'track' | 'podcast'
  artist: string
  title: string
  album: string
  uri: string
  lengthMs: number
}

export type Library = {
  /** A track; a few artists get most of the plays, as in life. */
  track(chance: Random): Item
  episode(chance: Random): Item
}

const first = ['Silver', 'Paper', 'Quiet', 'Northern', 'Velvet', 'Broken', 'Distant', 'Golden', 'Hollow', 'Électrique']
const second = ['Foxes', 'Harbour', 'Machines', 'Sisters', 'Parade', 'Weather', 'Choir', 'Giants', 'Motel', 'Brüder']
const flavours = ['', '', '', '', '', '', ' & The Tide', ' 🦊', ' (Live)', ' 東京', ' "Junior"', ' Trio']
const verbs = ['Falling', 'Waiting', 'Dancing', 'Driving', 'Sleeping', 'Running', 'Breathing', 'Burning', 'Leaving']
const places = [
  'Home',
  'in the Rain',
  'Alone',
  'with You',
  'Underwater',
  'at Noon',
  'for Ever',
  'сегодня',
  '🌙',
  'to Málaga',
]
const topics = ['History', 'Science', 'Football', 'Kitchens', 'Trains', 'Startups', 'Birds', 'Crime']
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const artistCount = 400
const albumsEach = 4
const tracksEach = 11
const showCount = 24

/** A library that depends on the seed alone. Items are made when asked for, from their number. */
export const inventLibrary = (seed: number): Library => {
  const trackAt = remembered((number) => makeTrack(seed, number))
  return {
    track(chance) {
      const artist = Math.floor(artistCount * chance.next() ** 3)
      return trackAt(artist * albumsEach * tracksEach + chance.below(albumsEach * tracksEach))
    },
    episode: (chance) => makeEpisode(seed, chance.below(showCount), chance.below(300)),
  }
}

const remembered = (make: (number: number) => Item) => {
  const made = new Map<number, Item>()
  return (number: number): Item => {
    const item = made.get(number) ?? make(number)
    made.set(number, item)
    return item
  }
}

const makeTrack = (seed: number, number: number): Item => {
  const chance = random(seed * 1_000_003 + number)
  const artist = Math.floor(number / (albumsEach * tracksEach))
  const album = Math.floor(number / tracksEach) % albumsEach
  return {
    kind: 'track',
    artist: artistName(seed, artist),
    title: `${chance.pick(verbs)} ${chance.pick(places)}${number % 7 === 0 ? ` - Remastered ${1990 + (number % 30)}` : ''}, Pt. ${(number % tracksEach) + 1}`,
    album: `${verbs[(artist + album) % verbs.length] as string} Volume ${album + 1}`,
    uri: `spotify:track:${base62Of(chance)}`,
    lengthMs: 95_000 + chance.below(300_000),
  }
}

const artistName = (seed: number, artist: number) => {
  const chance = random(seed * 7_919 + artist)
  const number = artist >= first.length * second.length ? ` ${Math.floor(artist / 100) + 1}` : ''
  return `${first[artist % 10] as string} ${second[Math.floor(artist / 10) % 10] as string}${number}${chance.pick(flavours)}`
}

const makeEpisode = (seed: number, show: number, episode: number): Item => {
  const chance = random(seed * 104_729 + show * 1_000 + episode)
  const topic = topics[show % topics.length] as string
  return {
    kind: 'podcast',
    artist: `The ${topic} Hour${show >= topics.length ? ` ${Math.floor(show / topics.length) + 1}` : ''}`,
    title: `#${episode + 1}: ${chance.pick(verbs)} ${chance.pick(places)}`,
    album: '',
    uri: `spotify:episode:${base62Of(chance)}`,
    lengthMs: 900_000 + chance.below(4_500_000),
  }
}

const base62Of = (chance: Random) =>
  Array.from({ length: 22 }, () => base62.charAt(chance.below(base62.length))).join('')
