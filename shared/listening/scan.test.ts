import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importChunk, openListening, scan } from './listening.ts'
import type { Chunk } from './listening.ts'
import { countsOf, importFile, tasksOf, withFolder } from './testing/import-file.ts'
import type { Limits } from './testing/import-file.ts'

const play = (number: number) => ({
  endTime: '2021-03-04 05:06',
  artistName: 'Foxes',
  trackName: 'Home',
  msPlayed: number,
})

const withFile = <T>(content: string | Buffer, work: (file: string, folder: string) => Promise<T>) =>
  withFolder(async (folder) => {
    const file = join(folder, 'history.json')
    await writeFile(file, content)
    return work(file, folder)
  })

const summaryOf = (content: string | Buffer, limits: Limits = {}) =>
  withFile(content, async (file) => {
    const store = openListening(':memory:')
    const summary = await importFile(store, file, 'i', limits)
    return { summary, counts: countsOf(summary), rejects: store.rejects('i') }
  })

describe('chunks', () => {
  test('follow one another without a record lost or doubled, whatever their limits and however the file is damaged', async () => {
    const part = fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 50 }).map((number) => `${JSON.stringify(play(number))},`) },
      { weight: 1, arbitrary: fc.constantFrom('[', ']', '{', '}', '"', '\\', '\n', ',', ' oops ', '[1,2],', '\uFEFF') },
    )
    const limits = fc.record({ recordsMax: fc.integer({ min: 1, max: 7 }), bytesMax: fc.integer({ min: 1, max: 400 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), limits, (parts, limit) =>
        withFile(`[${parts.join('\n')}]`, async (file) => {
          const small = await tasksOf(file, 'i', limit)
          const large = await tasksOf(file, 'i')
          expect(small.found.records).toBe(large.found.records)
          const counts = await Promise.all([countsAcross(small.tasks), countsAcross(large.tasks)])
          expect(counts[0]).toEqual(counts[1])
          expectConsecutive(small.tasks, limit)
        }),
      ),
      { numRuns: 150 },
    )
  })

  test('of lines are no different', async () => {
    const lines = Array.from({ length: 25 }, (_, number) => JSON.stringify(play(number)))
    const { counts } = await summaryOf(`\uFEFF${lines.join('\r\n')}`, { recordsMax: 4 })
    expect(counts).toEqual({ records: 25, accepted: 25, duplicates: 0, rejected: {} })
  })

  test('never reach from one array into the next', async () => {
    const [one, two] = [JSON.stringify([play(1), play(2)]), JSON.stringify([play(3), play(4)])]
    const { counts } = await summaryOf(`${one} oops ${two}`, { recordsMax: 2 })
    expect(counts).toEqual({ records: 5, accepted: 4, duplicates: 0, rejected: { not_json: 1 } })
  })

  test('know their first line and record', async () => {
    const content = JSON.stringify([play(1), play(2), play(3)], null, 2)
    const { tasks } = await withFile(content, (file) => tasksOf(file, 'i', { recordsMax: 2 }))
    expect(tasks).toMatchObject([
      { index: 0, first_line: 2, first_record: 1, records: 2 },
      { index: 1, first_line: 14, first_record: 3, records: 1 },
    ])
  })
})

/** Imports the chunks backwards into a store of their own; the sums must not depend on the order. */
const countsAcross = async (tasks: Awaited<ReturnType<typeof tasksOf>>['tasks']) => {
  const store = openListening(':memory:')
  store.begin({ importId: 'i', file: 'any' })
  for (const task of tasks.toReversed()) await importChunk(store, task)
  return countsOf(store.summary('i'))
}

const expectConsecutive = (chunks: Chunk[], { recordsMax = 0, bytesMax = 0 }: Limits) => {
  let [end, records] = [0, 0]
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk).toMatchObject({ index, first_record: records + 1 })
    expect(chunk.from).toBeGreaterThanOrEqual(end)
    expect(chunk.records).toBeLessThanOrEqual(recordsMax)
    if (chunk.records > 1) expect(chunk.to - chunk.from).toBeLessThanOrEqual(bytesMax)
    ;[end, records] = [chunk.to, records + chunk.records]
  }
}

describe('a file', () => {
  test('that was cut keeps its whole records and reports the last as truncated', async () => {
    const content = JSON.stringify([play(1), play(2), play(3)])
    const { summary, counts, rejects } = await summaryOf(content.slice(0, -20))
    expect(counts).toEqual({ records: 3, accepted: 2, duplicates: 0, rejected: { truncated: 1 } })
    expect(summary.truncated).toBe(true)
    expect(rejects).toMatchObject([{ record: 3, line: 1, reason: 'truncated' }])
  })

  test('that was cut between two records says so although nothing is rejected', async () => {
    const { summary, counts } = await summaryOf(`[${JSON.stringify(play(1))},`)
    expect(counts).toEqual({ records: 1, accepted: 1, duplicates: 0, rejected: {} })
    expect(summary.truncated).toBe(true)
  })

  test('of lines that was cut reports the last as truncated', async () => {
    const { counts, summary } = await summaryOf(`${JSON.stringify(play(1))}\n${JSON.stringify(play(2)).slice(0, 30)}`)
    expect(counts).toEqual({ records: 2, accepted: 1, duplicates: 0, rejected: { truncated: 1 } })
    expect(summary.truncated).toBe(true)
  })

  test.each([300_000, 5_000_000])('with one record of %i bytes loses that record only', async (length) => {
    const huge = JSON.stringify({ ...play(1), note: 'x'.repeat(length) })
    const { counts, rejects } = await summaryOf(`[${JSON.stringify(play(2))},\n${huge},\n${JSON.stringify(play(3))}]`)
    expect(counts).toEqual({ records: 3, accepted: 2, duplicates: 0, rejected: { too_large: 1 } })
    expect(rejects).toMatchObject([{ record: 2, line: 2, reason: 'too_large' }])
    expect(rejects[0]?.excerpt.length).toBeLessThanOrEqual(500)
  })

  test('without a single record is an empty history', async () => {
    const { summary } = await summaryOf(' [ \n ] ')
    expect(summary).toMatchObject({ records: 0, accepted: 0, span: null, top_artists: [], truncated: false, chunks: 0 })
  })

  test('with bytes that are no UTF-8 is read all the same', async () => {
    const content = Buffer.concat([
      Buffer.from('[{"endTime":"2021-03-04 05:06","artistName":"a'),
      Buffer.from([0xff, 0xc3]),
    ])
    const { counts } = await summaryOf(Buffer.concat([content, Buffer.from('","trackName":"b","msPlayed":1}]')]))
    expect(counts.accepted).toBe(1)
  })
})

describe('scanning', () => {
  const content = JSON.stringify(Array.from({ length: 20_000 }, (_, number) => play(number)))

  test('reports how far it got, ending with the whole file', async () => {
    const seen: number[] = []
    const found = await withFile(content, (file) => scan(file, { onProgress: (bytes) => seen.push(bytes) }))
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(found.bytes)
  })

  test('stops when its signal says so, with the signal’s reason', async () => {
    const stop = new AbortController()
    const chunks: Chunk[] = []
    const onChunk = (chunk: Chunk) => {
      chunks.push(chunk)
      stop.abort(new Error('enough'))
    }
    await expect(withFile(content, (file) => scan(file, { signal: stop.signal, onChunk }))).rejects.toThrow('enough')
    expect(chunks).toHaveLength(1)
  })

  test('waits until a chunk is taken', async () => {
    let [open, most] = [0, 0]
    const onChunk = async () => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
    }
    await withFile(content, (file) => scan(file, { onChunk, recordsMax: 100 }))
    expect(most).toBe(1)
  })
})
