import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileChanged, ImportMissing, importChunk, openListening, readRecord, rejectsKeptMax } from './listening.ts'
import type { ListeningStore } from './listening.ts'
import { countsOf, importFile, tasksOf, withFolder } from './testing/import-file.ts'

type Told = { second: number | null; track?: string; ms?: number }

/** A record in the extended form when the second is told, in the basic form otherwise. */
const recordOf = ({ second, track = 'Home', ms = 1_000 }: Told) =>
  second === null
    ? { endTime: '2021-03-04 05:06', artistName: 'Foxes', trackName: track, msPlayed: ms }
    : {
        ts: `2021-03-04T05:06:${String(second).padStart(2, '0')}Z`,
        ms_played: ms,
        master_metadata_track_name: track,
        master_metadata_album_artist_name: 'Foxes',
        master_metadata_album_album_name: 'Den',
      }

let imports = 0

/** Saves records as one import of one chunk, without a file. */
const save = (store: ListeningStore, told: readonly Told[], startedAt = Date.now()) => {
  const importId = `import-${imports++}`
  store.begin({ importId, file: 'any', startedAt })
  const judged = told.map((each, index) => ({
    record: index + 1,
    line: index + 1,
    excerpt: '',
    outcome: readRecord(JSON.stringify(recordOf(each)), { now: startedAt }),
  }))
  const chunk = {
    index: 0,
    from: 0,
    to: 1,
    first_line: 1,
    first_record: 1,
    records: told.length,
    cut: false,
    oversize: false,
  }
  return { importId, chunk, judged, counts: store.save(importId, chunk, judged) }
}

describe('a play is stored once:', () => {
  const stored = (...batches: Told[][]) => {
    const store = openListening(':memory:')
    const accepted = batches.map((told) => save(store, told).counts.accepted)
    store.close()
    return accepted
  }
  const [at7, at40, vague] = [{ second: 7 }, { second: 40 }, { second: null }]

  test('the same record again is a duplicate', () => expect(stored([at7, at7], [at7])).toEqual([1, 0]))
  test('the basic form of a play known to the second is a duplicate', () =>
    expect(stored([at7], [vague])).toEqual([1, 0]))
  test('the extended form of a play known to the minute is a duplicate', () =>
    expect(stored([vague], [at7])).toEqual([1, 0]))
  test('two plays within a minute stay two', () => expect(stored([at7, at40])).toEqual([2]))
  test('another length is another play', () => expect(stored([at7, { second: 7, ms: 2 }])).toEqual([2]))
  test('another track is another play', () => expect(stored([at7, { second: 7, track: 'Den' }])).toEqual([2]))

  test('the number of plays does not depend on the order of records, files and forms', () => {
    const told = fc.record({
      second: fc.constantFrom(null, 1, 2, 59),
      ms: fc.constantFrom(0, 5),
      track: fc.constantFrom('a', 'b'),
    })
    fc.assert(
      fc.property(fc.array(fc.array(told, { maxLength: 6 }), { maxLength: 4 }), (batches) => {
        const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
        const backwards = batches.map((batch) => batch.toReversed()).toReversed()
        expect(sum(stored(...batches))).toBe(sum(stored(...backwards)))
        expect(sum(stored(...batches, ...backwards))).toBe(sum(stored(...batches)))
      }),
      { numRuns: 100 },
    )
  })

  test('a play first known to the minute takes on what the extended form knows', () => {
    const store = openListening(':memory:')
    save(store, [vague])
    const { importId } = save(store, [at7])
    expect(store.summary(importId).span).toEqual({
      first: '2021-03-04T05:06:07.000Z',
      last: '2021-03-04T05:06:07.000Z',
    })
  })
})

describe('a chunk', () => {
  test('saved a second time changes nothing and answers its first counts', () => {
    const store = openListening(':memory:')
    const { importId, chunk, judged, counts } = save(store, [{ second: 1 }, { second: 1 }, { second: 2 }])
    const before = store.summary(importId)
    expect(store.save(importId, chunk, judged)).toEqual(counts)
    expect(store.summary(importId)).toEqual(before)
    expect(counts).toEqual({ records: 3, accepted: 2, duplicates: 1, rejected: {} })
  })

  test('that fails half-way leaves nothing behind, and the store goes on', () => {
    const store = openListening(':memory:')
    function* failing() {
      yield* save(openListening(':memory:'), [{ second: 1 }]).judged
      throw new Error('broken')
    }
    store.begin({ importId: 'i', file: 'any' })
    const chunk = { index: 0, from: 0, to: 1, first_line: 1, first_record: 1, records: 1, cut: false, oversize: false }
    expect(() => store.save('i', chunk, failing())).toThrow('broken')
    expect(store.summary('i')).toMatchObject({ records: 0, chunks_stored: 0, span: null })
    expect(save(store, [{ second: 1 }]).counts.accepted).toBe(1)
  })

  test('of a file that changed since the scan is refused', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'h.json')
      const store = openListening(':memory:')
      await writeFile(file, JSON.stringify([recordOf({ second: 1 }), recordOf({ second: 2 })]))
      store.begin({ importId: 'i', file })
      const [task] = (await tasksOf(file, 'i')).tasks
      if (!task) throw new Error('no chunk')

      await truncate(file, 100)
      await expect(importChunk(store, task)).rejects.toThrow(FileChanged)
      await writeFile(file, ' '.repeat(1_000))
      await expect(importChunk(store, task)).rejects.toThrow(FileChanged)
      expect(store.summary('i').records).toBe(0)
    }))

  test('of other bytes than before is refused', () => {
    const store = openListening(':memory:')
    const { importId, chunk, judged } = save(store, [{ second: 1 }])
    expect(() => store.save(importId, { ...chunk, to: 99 }, judged)).toThrow(FileChanged)
  })

  test('that is stored is answered although the file is gone', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'h.json')
      const store = openListening(':memory:')
      await writeFile(file, JSON.stringify([recordOf({ second: 1 })]))
      await importFile(store, file, 'i')
      const { tasks } = await tasksOf(file, 'i')
      await rm(file)
      expect(await importChunk(store, tasks[0] as (typeof tasks)[number])).toMatchObject({ accepted: 1 })
    }))

  test('stops when its signal says so, and nothing of it is stored', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'h.json')
      const store = openListening(':memory:')
      await writeFile(file, JSON.stringify(Array.from({ length: 2_000 }, (_, ms) => recordOf({ second: 1, ms }))))
      store.begin({ importId: 'i', file })
      const [task] = (await tasksOf(file, 'i')).tasks
      if (!task) throw new Error('no chunk')

      const stop = new AbortController()
      const onProgress = () => stop.abort(new Error('cancelled'))
      await expect(importChunk(store, task, { signal: stop.signal, onProgress })).rejects.toThrow('cancelled')
      expect(store.missing('i')).toEqual([])
      expect(store.summary('i').records).toBe(0)
      expect((await importChunk(store, task)).accepted).toBe(2_000)
    }))
})

describe('an import', () => {
  test('keeps its first start, by which its records are judged', () => {
    const store = openListening(':memory:')
    expect(store.begin({ importId: 'i', file: 'a', startedAt: 5 })).toEqual({ startedAt: 5 })
    expect(store.begin({ importId: 'i', file: 'a', startedAt: 9 })).toEqual({ startedAt: 5 })
    expect(save(store, [{ second: 1 }], Date.UTC(2020, 0, 1)).counts.rejected).toEqual({ bad_time: 1 })
  })

  test('that was never begun is missing', () => {
    const store = openListening(':memory:')
    expect(() => store.summary('nobody')).toThrow(ImportMissing)
    expect(() => store.rejects('nobody')).toThrow(ImportMissing)
  })

  test('knows which chunks are not stored yet', () => {
    const store = openListening(':memory:')
    const { importId } = save(store, [{ second: 1 }])
    store.scanned(importId, { format: 'array', bytes: 9, records: 3, chunks: 3, truncated: false })
    expect(store.missing(importId)).toEqual([1, 2])
    expect(store.summary(importId)).toMatchObject({ chunks: 3, chunks_stored: 1 })
  })

  test('names its top ten artists, podcasts apart, by plays and then by time heard', () =>
    withFolder(async (folder) => {
      const played = Array.from({ length: 12 }, (_, artist) =>
        Array.from({ length: artist < 2 ? 1 : artist }, (_unused, play) => ({
          ...recordOf({ second: null, ms: play + 1 }),
          artistName: `Artist ${String(artist)}`,
        })),
      ).flat()
      const podcasts = Array.from({ length: 20 }, (_, msPlayed) => ({
        endTime: '2021-03-04 05:06',
        podcastName: 'The Hour',
        episodeName: 'One',
        msPlayed,
      }))
      await writeFile(join(folder, 'h.json'), JSON.stringify([...played, ...played, ...podcasts]))
      const store = openListening(':memory:')
      const { top_artists: top, duplicates } = await importFile(store, join(folder, 'h.json'), 'i')
      expect(duplicates).toBe(played.length)
      expect(top).toHaveLength(10)
      expect(top[0]).toEqual({ artist: 'Artist 11', plays: 11, ms_played: 66 })
      expect(top.map(({ plays }) => plays)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
    }))

  test('of a file seen before adds nothing and still tells its span and top artists', () =>
    withFolder(async (folder) => {
      await writeFile(
        join(folder, 'h.json'),
        JSON.stringify([recordOf({ second: 1 }), { oops: 1 }, recordOf({ second: 9 })]),
      )
      const store = openListening(':memory:')
      const first = await importFile(store, join(folder, 'h.json'), 'one')
      const second = await importFile(store, join(folder, 'h.json'), 'two')
      expect(countsOf(second)).toEqual({ records: 3, accepted: 0, duplicates: 2, rejected: { unknown_form: 1 } })
      expect(second.span).toEqual(first.span)
      expect(second.top_artists).toEqual(first.top_artists)
    }))

  test('counts every rejected record and keeps the first hundred thousand of them', () => {
    const store = openListening(':memory:')
    store.begin({ importId: 'i', file: 'any' })
    const records = rejectsKeptMax + 2
    const outcome = readRecord('null', { now: 0 })
    const judged = Array.from({ length: records }, (_, index) => ({
      record: index + 1,
      line: 1,
      excerpt: 'null',
      outcome,
    }))
    store.save(
      'i',
      { index: 0, from: 0, to: 1, first_line: 1, first_record: 1, records, cut: false, oversize: false },
      judged,
    )
    expect(store.summary('i').rejected).toEqual({ not_an_object: records })
    expect(store.rejects('i', { after: rejectsKeptMax - 1, limit: 10 })).toEqual([
      {
        record: rejectsKeptMax,
        line: 1,
        reason: 'not_an_object',
        detail: 'a record is an object, this is null',
        excerpt: 'null',
      },
    ])
  })
})
