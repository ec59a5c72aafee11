// Turns the text of one record into a play, or says exactly why it is none.
import { formOf } from './fields.ts'
import type { BasicField, ExtendedField } from './fields.ts'
import { cleanText, cut } from './text.ts'
import { parseTime } from './time.ts'
import type { PlayTime } from './time.ts'

export const rejectReasons = [
  /** The bytes are not JSON. */
  'not_json',
  /** The file ended in the middle of the record. */
  'truncated',
  /** The record is larger than any record of a listening history (256 KiB). */
  'too_large',
  /** JSON, but a number, a text, a list or null. */
  'not_an_object',
  /** An object with no field of either documented form. */
  'unknown_form',
  /** The time, the duration or (basic form) a name is absent or null. */
  'missing_field',
  /** A time or a name that is not a text. */
  'wrong_type',
  /** No time of the calendar, before the year 2000, or more than a day ahead of the import. */
  'bad_time',
  /** Not a number, negative, or above seven days. */
  'bad_duration',
  /** Nothing says what was played: all names are null or blank, or only one half of artist and title is there. */
  'no_track',
] as const

export type RejectReason = (typeof rejectReasons)[number]

export type PlayKind = 'track' | 'podcast' | 'audiobook'

export type Play = {
  kind: PlayKind
  /** Artist, or the show of a podcast, or the title of an audiobook. */
  artist: string
  /** Track, episode or chapter. */
  title: string
  /** When the play ended, Unix time in seconds. */
  endedAt: number
  /** False when the export knew the end only to the minute. */
  precise: boolean
  /** Whole milliseconds; 0 is a track skipped at once. */
  msPlayed: number
  album: string | null
  uri: string | null
  platform: string | null
  country: string | null
  skipped: boolean | null
}

export type Reject = { ok: false; reason: RejectReason; detail: string }
export type Outcome = { ok: true; play: Play } | Reject

export type RecordOptions = {
  /** Unix time in milliseconds that "in the future" is judged by: the import's start, so that a repeated chunk judges alike. */
  now: number
  /** The file ended within this record. */
  cut?: boolean
}

/** Reads one record. Never throws: whatever the text is, it is a play or a reject. Addresses and user agents that an
 *  export carries are not kept. */
export const readRecord = (text: string, options: RecordOptions): Outcome => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (options.cut) return reject('truncated', 'the file ends within this record')
    return reject('not_json', cut((error as Error).message, 200))
  }
  return readValue(value, options)
}

const readValue = (value: unknown, options: RecordOptions): Outcome => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('not_an_object', `a record is an object, this is ${nameOf(value)}`)
  }
  switch (formOf(value)) {
    case 'basic':
      return readBasic(value, options)
    case 'extended':
      return readExtended(value, options)
    case undefined:
      return reject('unknown_form', 'none of the fields of a listening history is present')
  }
}

type Fields<Name extends string> = Partial<Record<Name, unknown>>

const reject = (reason: RejectReason, detail: string): Reject => ({ ok: false, reason, detail })

const nameOf = (value: unknown) => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const readBasic = (fields: Fields<BasicField>, { now }: RecordOptions): Outcome => {
  const podcast = fields.podcastName !== undefined || fields.episodeName !== undefined
  const names = podcast
    ? readNames('podcast', ['podcastName', fields.podcastName], ['episodeName', fields.episodeName])
    : readNames('track', ['artistName', fields.artistName], ['trackName', fields.trackName])
  return assemble(readTime('endTime', fields.endTime, now), readDuration('msPlayed', fields.msPlayed), names, {})
}

const readExtended = (fields: Fields<ExtendedField>, { now }: RecordOptions): Outcome =>
  assemble(readTime('ts', fields.ts, now), readDuration('ms_played', fields.ms_played), readSubject(fields), {
    album: optionalText(fields.master_metadata_album_album_name),
    uri: optionalText(fields.spotify_track_uri ?? fields.spotify_episode_uri ?? fields.audiobook_chapter_uri),
    platform: optionalText(fields.platform),
    country: optionalText(fields.conn_country),
    skipped: typeof fields.skipped === 'boolean' ? fields.skipped : null,
  })

type Names = { kind: PlayKind; artist: string; title: string }
type Extras = Partial<Pick<Play, 'album' | 'uri' | 'platform' | 'country' | 'skipped'>>
const noExtras = { album: null, uri: null, platform: null, country: null, skipped: null }

const assemble = (
  time: PlayTime | Reject,
  msPlayed: number | Reject,
  names: Names | Reject,
  extras: Extras,
): Outcome => {
  if ('ok' in time) return time
  if (typeof msPlayed === 'object') return msPlayed
  if ('ok' in names) return names
  return {
    ok: true,
    play: { ...names, endedAt: time.seconds, precise: time.precise, msPlayed, ...noExtras, ...extras },
  }
}

const earliest = Date.UTC(2000, 0, 1) / 1000
const daySeconds = 86_400

const readTime = (name: string, value: unknown, now: number): PlayTime | Reject => {
  if (value === undefined || value === null) return missing(name)
  if (typeof value !== 'string') return reject('wrong_type', `${name} must be a text, this is ${nameOf(value)}`)
  const time = parseTime(value)
  if (!time)
    return reject('bad_time', `${name} ${quote(value)} is not a time like 2021-03-04 05:06 or 2021-03-04T05:06:07Z`)
  if (time.seconds < earliest) return reject('bad_time', `${name} ${quote(value)} is before the year 2000`)
  if (time.seconds > now / 1000 + daySeconds) return reject('bad_time', `${name} ${quote(value)} is in the future`)
  return time
}

/** Longest play that is believed. */
const msPlayedMax = 7 * daySeconds * 1000

/** Fractions of a millisecond are dropped. */
const readDuration = (name: string, value: unknown): number | Reject => {
  if (value === undefined || value === null) return missing(name)
  if (typeof value !== 'number') return reject('bad_duration', `${name} must be a number, this is ${nameOf(value)}`)
  if (value < 0) return reject('bad_duration', `${name} ${value} is negative`)
  if (value > msPlayedMax) return reject('bad_duration', `${name} ${value} is more than seven days`)
  return Math.trunc(value) + 0
}

/** What was played. Only the names tell a track from a podcast: the fields of the other kinds are null or absent. */
const readSubject = (fields: Fields<ExtendedField>): Names | Reject => {
  const { master_metadata_album_artist_name: artist, master_metadata_track_name: track } = fields
  const { episode_show_name: show, episode_name: episode } = fields
  const { audiobook_title: book, audiobook_chapter_title: chapter } = fields
  if (isSaid(artist) || isSaid(track)) {
    return namesOrNoTrack('track', ['master_metadata_album_artist_name', artist], ['master_metadata_track_name', track])
  }
  if (isSaid(show) || isSaid(episode)) {
    return namesOrNoTrack('podcast', ['episode_show_name', show], ['episode_name', episode])
  }
  if (isSaid(book) || isSaid(chapter)) {
    return namesOrNoTrack('audiobook', ['audiobook_title', book], ['audiobook_chapter_title', chapter])
  }
  return reject('no_track', 'the names of track, episode and audiobook are all null')
}

type Named = readonly [field: string, value: unknown]

const isSaid = (value: unknown) => value !== undefined && value !== null

/** In the extended form a null name is documented, so it is a play of nothing rather than a field forgotten. */
const namesOrNoTrack = (kind: PlayKind, artist: Named, title: Named): Names | Reject => {
  const silent = [artist, title].find(([, value]) => !isSaid(value))
  return silent ? reject('no_track', `${silent[0]} is null`) : readNames(kind, artist, title)
}

const readNames = (kind: PlayKind, artist: Named, title: Named): Names | Reject => {
  const name = readName(artist)
  if (typeof name === 'object') return name
  const other = readName(title)
  if (typeof other === 'object') return other
  return { kind, artist: name, title: other }
}

const readName = ([field, value]: Named): string | Reject => {
  if (!isSaid(value)) return missing(field)
  if (typeof value !== 'string') return reject('wrong_type', `${field} must be a text, this is ${nameOf(value)}`)
  return cleanText(value) || reject('no_track', `${field} is blank`)
}

const missing = (field: string) => reject('missing_field', `${field} is missing or null`)

/** Details nobody counts by: what is not a text is as good as absent. */
const optionalText = (value: unknown) => (typeof value === 'string' ? cleanText(value) || null : null)

const quote = (text: string) => JSON.stringify(cut(text, 60))
