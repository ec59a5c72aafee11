import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRecord, rejectReasons } from './record.ts'
import type { Play } from './record.ts'

const now = Date.UTC(2026, 0, 1)
const read = (value: unknown) => readRecord(JSON.stringify(value), { now })

const basic = { endTime: '2021-03-04 05:06', artistName: 'Foxes', trackName: 'Home', msPlayed: 1234 }
const extended = {
  ts: '2021-03-04T05:06:07Z',
  username: 'somebody',
  platform: 'ios',
  ms_played: 1234,
  conn_country: 'SE',
  ip_addr_decrypted: '192.0.2.1',
  master_metadata_track_name: 'Home',
  master_metadata_album_artist_name: 'Foxes',
  master_metadata_album_album_name: 'Den',
  spotify_track_uri: 'spotify:track:1',
  episode_name: null,
  episode_show_name: null,
  spotify_episode_uri: null,
  skipped: true,
}
const silent = { master_metadata_track_name: null, master_metadata_album_artist_name: null, spotify_track_uri: null }

const playOf = (value: unknown): Play => {
  const outcome = read(value)
  if (!outcome.ok) throw new Error(`rejected: ${outcome.reason}, ${outcome.detail}`)
  return outcome.play
}

describe('a play is read', () => {
  test('from the basic form, to the minute', () => {
    expect(playOf(basic)).toEqual({
      kind: 'track',
      artist: 'Foxes',
      title: 'Home',
      endedAt: Date.UTC(2021, 2, 4, 5, 6) / 1000,
      precise: false,
      msPlayed: 1234,
      album: null,
      uri: null,
      platform: null,
      country: null,
      skipped: null,
    })
  })

  test('from the extended form, to the second, without address and user name', () => {
    const play = playOf(extended)
    expect(play).toMatchObject({
      endedAt: Date.UTC(2021, 2, 4, 5, 6, 7) / 1000,
      precise: true,
      album: 'Den',
      skipped: true,
    })
    expect(play).toMatchObject({ uri: 'spotify:track:1', platform: 'ios', country: 'SE' })
    expect(JSON.stringify(play)).not.toMatch(/somebody|192/)
  })

  test('of a podcast, in both forms', () => {
    const names = { kind: 'podcast', artist: 'The Hour', title: '#1' }
    const episode = { episode_name: '#1', episode_show_name: 'The Hour', spotify_episode_uri: 'spotify:episode:1' }
    expect(playOf({ ...extended, ...silent, ...episode })).toMatchObject({ ...names, uri: 'spotify:episode:1' })
    expect(
      playOf({ endTime: '2021-03-04 05:06', podcastName: 'The Hour', episodeName: '#1', msPlayed: 1 }),
    ).toMatchObject(names)
  })

  test('of an audiobook', () => {
    const book = { audiobook_title: 'A Book', audiobook_chapter_title: 'One' }
    expect(playOf({ ...extended, ...silent, ...book })).toMatchObject({
      kind: 'audiobook',
      artist: 'A Book',
      title: 'One',
    })
  })

  test.each([
    ['a second in the basic form', '2021-03-04 05:06:07', 7, true],
    ['a T and no seconds', '2021-03-04T05:06', 0, false],
    ['a fraction of a second', '2021-03-04T05:06:07.999Z', 7, true],
    ['an offset', '2021-03-04T07:06:07+02:00', 7, true],
    ['a leap day', '2020-02-29 05:06', undefined, false],
  ])('with %s', (_name, endTime, second, precise) => {
    const play = playOf({ ...basic, endTime })
    expect(play.precise).toBe(precise)
    if (second !== undefined) expect(play.endedAt).toBe(Date.UTC(2021, 2, 4, 5, 6, second) / 1000)
  })

  test.each([
    ['nothing heard', 0, 0],
    ['a fraction of a millisecond', 1.9, 1],
    ['a negative zero', -0, 0],
    ['seven days', 604_800_000, 604_800_000],
  ])('with a length of %s', (_name, msPlayed, stored) => {
    expect(playOf({ ...basic, msPlayed }).msPlayed).toBe(stored)
  })

  test.each([
    ['emoji', '🦊🎵', '🦊🎵'],
    ['an accent written as two characters', 'Cafe\u0301', 'Caf\u00e9'],
    ['NUL and line ends', 'a\u0000b\r\nc', 'a b c'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['space around it', ' \t Foxes \u0000', 'Foxes'],
    ['ten thousand characters', 'x'.repeat(10_000), 'x'.repeat(1_000)],
    ['a character that would be cut in two', `${'x'.repeat(999)}🦊`, 'x'.repeat(999)],
  ])('by a name with %s', (_name, artistName, stored) => {
    expect(playOf({ ...basic, artistName }).artist).toBe(stored)
  })

  test('although details nobody counts by are of the wrong type', () => {
    const play = playOf({ ...extended, platform: 7, conn_country: ['SE'], skipped: 'yes', spotify_track_uri: {} })
    expect(play).toMatchObject({ platform: null, country: null, skipped: null, uri: null })
  })

  test('the same when a name is cleaned a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1_200 }), (artistName) => {
        const outcome = read({ ...basic, artistName })
        if (outcome.ok) expect(playOf({ ...basic, artistName: outcome.play.artist }).artist).toBe(outcome.play.artist)
      }),
    )
  })
})

describe('a record is rejected', () => {
  test.each([
    ['unknown_form', { playlist: 1 }],
    ['unknown_form', {}],
    ['not_an_object', null],
    ['not_an_object', 7],
    ['not_an_object', ['a']],
    ['missing_field', { ...basic, endTime: undefined }],
    ['missing_field', { ...basic, msPlayed: null }],
    ['missing_field', { ...basic, trackName: null }],
    ['missing_field', { ...extended, ts: null }],
    ['wrong_type', { ...basic, artistName: 7 }],
    ['wrong_type', { ...extended, ts: 1_600_000_000 }],
    ['bad_time', { ...basic, endTime: '2021-02-29 05:06' }],
    ['bad_time', { ...basic, endTime: '2021-03-04 24:00' }],
    ['bad_time', { ...basic, endTime: '2021-13-04 05:06' }],
    ['bad_time', { ...basic, endTime: '04.03.2021 05:06' }],
    ['bad_time', { ...basic, endTime: '2021-03-04' }],
    ['bad_time', { ...extended, ts: '2021-03-04T05:06:60Z' }],
    ['bad_time', { ...extended, ts: '2021-03-04T05:06:07+15:00' }],
    ['bad_time', { ...extended, ts: '1970-01-01T00:00:00Z' }],
    ['bad_time', { ...extended, ts: '2026-01-03T00:00:00Z' }],
    ['bad_duration', { ...basic, msPlayed: -1 }],
    ['bad_duration', { ...basic, msPlayed: '1234' }],
    ['bad_duration', { ...basic, msPlayed: 604_800_001 }],
    ['no_track', { ...basic, artistName: ' \u0000 ' }],
    ['no_track', { ...extended, ...silent }],
    ['no_track', { ...extended, master_metadata_album_artist_name: null }],
    ['no_track', { ...extended, ...silent, episode_name: '#1' }],
  ])('as %s: %j', (reason, value) => {
    expect(read(value)).toMatchObject({ ok: false, reason })
  })

  test('as bad_duration when the number is beyond numbers', () => {
    expect(
      readRecord('{"endTime":"2021-03-04 05:06","artistName":"a","trackName":"b","msPlayed":1e999}', { now }),
    ).toMatchObject({
      reason: 'bad_duration',
    })
  })

  test('as truncated where the file ends, as not_json elsewhere', () => {
    expect(readRecord('{"ts":"20', { now, cut: true })).toMatchObject({ reason: 'truncated' })
    expect(readRecord('{"ts":"20', { now })).toMatchObject({ reason: 'not_json' })
    expect(readRecord(JSON.stringify(basic), { now, cut: true })).toMatchObject({ ok: true })
  })

  test('by the clock of the import: a day ahead is still believed', () => {
    expect(read({ ...extended, ts: '2026-01-02T00:00:00Z' }).ok).toBe(true)
  })

  test('with a detail that is short and names the field', () => {
    const outcome = read({ ...basic, endTime: 'x'.repeat(100_000) })
    expect(outcome).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^endTime "x{60}" is not a time/) as unknown,
    })
  })

  test('or accepted, but whatever the text is, reading it does not throw', () => {
    const members = fc.dictionary(
      fc.constantFrom(...Object.keys({ ...basic, ...extended }), '__proto__'),
      fc.jsonValue(),
    )
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      members.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(text, (record) => {
        const outcome = readRecord(record, { now })
        if (!outcome.ok) expect(rejectReasons).toContain(outcome.reason)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a hundred thousand brackets deep without harm', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(readRecord(`{"ts":${deep}}`, { now })).toMatchObject({ ok: false })
  })
})
