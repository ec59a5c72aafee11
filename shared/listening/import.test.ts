import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { expectedOf, generate } from './generate.ts'
import type { GenerateOptions } from './generate.ts'
import { openListening } from './listening.ts'
import type { Summary } from './listening.ts'
import { countsOf, importFile, importInProcess, withFolder } from './testing/import-file.ts'

const summaryIn = (database: string, importId: string): Summary => {
  const store = openListening(database)
  try {
    return store.summary(importId)
  } finally {
    store.close()
  }
}

const options: GenerateOptions[] = [
  { records: 3_000, form: 'extended', flaws: 0.2, seed: 7 },
  { records: 3_000, form: 'basic', flaws: 0.2, seed: 8, truncate: true },
  { records: 3_000, form: 'extended', format: 'ndjson', flaws: 0.2, seed: 9, truncate: true },
  { records: 1, form: 'basic', truncate: true },
  { records: 0 },
]

test.each(options)('a generated history comes to what the generator expects: %j', (option) =>
  withFolder(async (folder) => {
    const file = join(folder, 'h.json')
    const expected = await generate(file, option)
    const store = openListening(join(folder, 'listening.db'))
    const summary = await importFile(store, file, 'first')
    expect(countsOf(summary)).toEqual(expected)
    expect(store.missing('first')).toEqual([])

    const again = await importFile(store, file, 'again', { recordsMax: 77 })
    const { accepted, duplicates, rejected } = expected
    expect(countsOf(again)).toEqual({
      records: option.records,
      accepted: 0,
      duplicates: accepted + duplicates,
      rejected,
    })
    store.close()
  }),
)

test.each([
  ['basic', 'extended'],
  ['extended', 'basic'],
] as const)('one life exported as %s and as %s counts each play once', (first, second) =>
  withFolder(async (folder) => {
    const store = openListening(':memory:')
    for (const form of [first, second]) await generate(join(folder, form), { records: 2_000, form })
    expect(await importFile(store, join(folder, first), first)).toMatchObject({ accepted: 2_000, duplicates: 0 })
    expect(await importFile(store, join(folder, second), second)).toMatchObject({ accepted: 0, duplicates: 2_000 })
  }),
)

test('an export written by hand, with everything wrong at once, has every record accounted for', () =>
  withFolder(async (folder) => {
    const text = `\uFEFF[
      {"endTime": "2021-03-04 05:06", "artistName": "🦊 & \\"Sons\\"", "trackName": "A [live] {take 2}, \\\\o/", "msPlayed": 1e3},
      {"endTime": "2021-03-04 05:06", "artistName": "🦊 & \\"Sons\\"", "trackName": "A [live] {take 2}, \\\\o/", "msPlayed": 1000},
      {"endTime": "0000-00-00 00:00", "artistName": "a", "trackName": "b", "msPlayed": 1},
      {"endTime": "2021-03-04 05:06", "artistName": "a", "trackName": "b", "msPlayed": 99999999999999999999999999},
      {"endTime": "2021-03-04 05:06", "artistName": null, "trackName": null, "msPlayed": 1},
      {"ts": "2021-03-04T05:06:07Z", "ms_played": 5, "master_metadata_track_name": null,
       "master_metadata_album_artist_name": null, "episode_name": "One", "episode_show_name": "The Hour"},
      {"ts": "2021-03-04T05:06:07Z", "ms_played": 5, "master_metadata_track_name": null, "master_metadata_album_artist_name": null},
      {"ts": "2021-03-04T05:06:07Z" "ms_played": 5},
      {"ts": "2021-03-04T05:06:07Z", "ms_played": 5, "master_metadata_track_name": "Unclosed
      {"ts": "2021-03-04T05:06:08Z", "ms_played": -5, "master_metadata_track_name": "t", "master_metadata_album_artist_name": "a"},
      null, 17, [], {},
      {"ts": "2021-03-04T05:06:09Z", "ms_played": 5, "master_metadata_track_name": "cut h`
    await writeFile(join(folder, 'h.json'), text)
    const store = openListening(':memory:')
    const summary = await importFile(store, join(folder, 'h.json'), 'i', { recordsMax: 3 })
    expect(countsOf(summary)).toEqual({
      records: 15,
      accepted: 2,
      duplicates: 1,
      rejected: {
        bad_time: 1,
        bad_duration: 2,
        missing_field: 1,
        no_track: 1,
        not_json: 2,
        not_an_object: 3,
        unknown_form: 1,
        truncated: 1,
      },
    })
    expect(store.rejects('i').map(({ record, line, reason }) => [record, line, reason])).toEqual([
      [3, 4, 'bad_time'],
      [4, 5, 'bad_duration'],
      [5, 6, 'missing_field'],
      [7, 9, 'no_track'],
      [8, 10, 'not_json'],
      [9, 11, 'not_json'],
      [10, 12, 'bad_duration'],
      [11, 13, 'not_an_object'],
      [12, 13, 'not_an_object'],
      [13, 13, 'not_an_object'],
      [14, 13, 'unknown_form'],
      [15, 14, 'truncated'],
    ])
  }))

test('a process killed in the middle of a chunk’s transaction loses nothing and doubles nothing', () =>
  withFolder(async (folder) => {
    const [database, file] = [join(folder, 'listening.db'), join(folder, 'h.json')]
    const expected = await generate(file, { records: 1_000, flaws: 0.1 })

    const killed = await importInProcess(database, file, 'i', { dieInChunk: 4 })
    expect(killed.signal).toBe('SIGKILL')
    expect(summaryIn(database, 'i')).toMatchObject({ records: 400, chunks: 10, chunks_stored: 4 })

    const resumed = await importInProcess(database, file, 'i')
    expect(resumed.code).toBe(0)
    expect(resumed.report && countsOf(resumed.report.summary)).toEqual(expected)
    expect(countsOf(summaryIn(database, 'i'))).toEqual(expected)
  }))

test('two processes that import the same file into a new store at once count each play once between them', () =>
  withFolder(async (folder) => {
    const [database, file] = [join(folder, 'listening.db'), join(folder, 'h.json')]
    const expected = await generate(file, { records: 3_000, flaws: 0.1 })
    const ended = await Promise.all(['one', 'two'].map((importId) => importInProcess(database, file, importId)))
    expect(ended.map(({ code }) => code)).toEqual([0, 0])

    const [one, two] = ['one', 'two'].map((importId) => summaryIn(database, importId)) as [Summary, Summary]
    expect(one.accepted + two.accepted).toBe(expected.accepted)
    for (const { records, accepted, duplicates, rejected } of [one, two]) {
      expect(records).toBe(expected.records)
      expect(accepted + duplicates).toBe(expected.accepted + expected.duplicates)
      expect(rejected).toEqual(expected.rejected)
    }
  }))

test('two processes that work on the same import at once store each chunk once', () =>
  withFolder(async (folder) => {
    const [database, file] = [join(folder, 'listening.db'), join(folder, 'h.json')]
    const expected = await generate(file, { records: 3_000, flaws: 0.1 })
    const ended = await Promise.all([1, 2].map(() => importInProcess(database, file, 'i')))
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    expect(countsOf(summaryIn(database, 'i'))).toEqual(expected)
  }))

test('the generator needs no file to say what it expects', async () => {
  const option: GenerateOptions = { records: 500, flaws: 0.3, seed: 4 }
  await withFolder(async (folder) => {
    expect(await generate(join(folder, 'h.json'), option)).toEqual(expectedOf(option))
  })
})
