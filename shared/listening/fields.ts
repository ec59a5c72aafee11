// The field names of the two documented forms, and of their podcast and audiobook variants.

const basic = ['endTime', 'artistName', 'trackName', 'msPlayed', 'podcastName', 'episodeName'] as const

const extended = [
  'ts',
  'username',
  'platform',
  'ms_played',
  'conn_country',
  'ip_addr',
  'ip_addr_decrypted',
  'master_metadata_track_name',
  'master_metadata_album_artist_name',
  'master_metadata_album_album_name',
  'spotify_track_uri',
  'episode_name',
  'episode_show_name',
  'spotify_episode_uri',
  'audiobook_title',
  'audiobook_chapter_title',
  'audiobook_uri',
  'audiobook_chapter_uri',
] as const

export type BasicField = (typeof basic)[number]
export type ExtendedField = (typeof extended)[number] | 'skipped'
export type Form = 'basic' | 'extended'

const forms = new Map<string, Form>([
  ...basic.map((field) => [field, 'basic'] as const),
  ...extended.map((field) => [field, 'extended'] as const),
])

/** Says whether a field of this name makes an object a record of a listening history. */
export const isRecordField = (name: string): boolean => forms.has(name)

/** The form whose field comes first in the record; undefined when it has none of them. */
export const formOf = (record: object): Form | undefined => {
  for (const name in record) {
    const form = forms.get(name)
    if (form !== undefined) return form
  }
  return undefined
}
