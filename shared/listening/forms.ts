// Writes a play the way each documented form does.
import type { Form } from './fields.ts'
import type { Item } from './invent.ts'
import type { InventedPlay } from './listener.ts'

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()

/** The members of a play's record in either documented form. */
export const membersOf: Record<Form, (play: InventedPlay) => Record<string, unknown>> = {
  basic: ({ item, endedAt, msPlayed }) => ({
    endTime: isoOf(endedAt).slice(0, 16).replace('T', ' '),
    artistName: item.artist,
    trackName: item.title,
    msPlayed,
  }),
  extended: ({ item, endedAt, msPlayed, device, skipped, shuffle }) => ({
    ts: isoOf(endedAt).replace('.000Z', 'Z'),
    username: 'listener',
    platform: device.platform,
    ms_played: msPlayed,
    conn_country: device.country,
    ip_addr_decrypted: '192.0.2.17',
    user_agent_decrypted: 'unknown',
    ...namesOf(item),
    reason_start: shuffle ? 'fwdbtn' : 'trackdone',
    reason_end: skipped ? 'fwdbtn' : 'trackdone',
    shuffle,
    skipped: skipped ? true : null,
    offline: false,
    offline_timestamp: 0,
    incognito_mode: false,
  }),
}

const namesOf = ({ kind, artist, title, album, uri }: Item) => {
  const music = kind === 'track'
  return {
    master_metadata_track_name: music ? title : null,
    master_metadata_album_artist_name: music ? artist : null,
    master_metadata_album_album_name: music ? album : null,
    spotify_track_uri: music ? uri : null,
    episode_name: music ? null : title,
    episode_show_name: music ? null : artist,
    spotify_episode_uri: music ? null : uri,
  }
}
