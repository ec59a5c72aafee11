// Importing listening histories, from the job to the plays in the store.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { catalogOf } from '../../shared/catalog/catalog.ts'
import { listeningChunk as chunkKind } from '../../shared/catalog/listening-chunk.ts'
import { listeningImport as importKind } from '../../shared/catalog/listening-import.ts'
import { generate } from '../../shared/listening/generate.ts'
import type { GenerateOptions } from '../../shared/listening/generate.ts'
import { createTestKit } from '../../shared/testing/testing.ts'
import type { Ran, TestKit } from '../../shared/testing/testing.ts'
import { createLibrary } from './library.ts'
import type { Library } from './library.ts'
import { listeningChunk } from './listening-chunk.ts'
import { listeningImport } from './listening-import.ts'

const kinds = () => catalogOf(importKind, chunkKind)
interface Given {
  library: Library
  kit: TestKit<ReturnType<typeof kinds>>
  /** Runs an import to its end. */
  run: (payload: { file?: string; upload?: string }) => Promise<Ran>
  write: (options: GenerateOptions, place?: string) => ReturnType<typeof generate>
}

const test = base.extend<Given>({
  library: async ({ dir }, use) => {
    for (const each of ['imports', 'uploads']) mkdirSync(join(dir, each))
    const library = createLibrary({
      database: join(dir, 'listening.db'),
      imports: join(dir, 'imports'),
      uploads: join(dir, 'uploads'),
    })
    await use(library)
    library.close()
  },
  kit: async ({ kernel, library }, use) => {
    const handlers = { 'listening.import': listeningImport(library), 'listening.chunk': listeningChunk(library) }
    const kit = createTestKit(kernel, { catalog: kinds(), handlers })
    await use(kit)
    await kit.close()
  },
  run: async ({ kit }, use) =>
    use(async (payload) => {
      const begun = await kit.perform('listening.import', payload)
      const ran = await kit.drain()
      return ran.findLast(({ id }) => id === begun.id) ?? begun
    }),
  write: async ({ dir, library: _made }, use) =>
    use((options, place = 'imports/history.json') => generate(join(dir, place), options)),
})

test('an import accounts for every record, over all its chunks', async ({ run, write, kit }) => {
  const expected = await write({ records: 9_000, flaws: 0.02 })
  const ran = await run({ file: 'history.json' })
  expect(ran).toMatchObject({
    state: 'completed',
    result: { ...expected, truncated: false, import_id: `listening:${ran.id}` },
  })
  const { chunks, chunks_stored } = ran.result as { chunks: number; chunks_stored: number }
  expect(chunks).toBeGreaterThan(2)
  expect(chunks_stored).toBe(chunks)
  const job = await kit.bull.queue('listening').getJob(ran.id)
  expect(job?.progress).toEqual({ percent: 100, chunks, chunks_stored: chunks })
})

test("the job's log tells which records were rejected, where and why", async ({ run, dir, kit }) => {
  const good = (n: number) => ({ endTime: '2021-03-04 05:06', artistName: 'A', trackName: `T${n}`, msPlayed: n })
  const bad = Array.from({ length: 250 }, (_, n) => ({ ...good(n), endTime: '2019-02-30 25:61' }))
  const lines = [good(1), 'x', { ...good(2), msPlayed: -5 }, ...bad].map((record) => JSON.stringify(record))
  writeFileSync(join(dir, 'imports/history.json'), `[\n${lines.join(',\n')}\n]`)
  const ran = await run({ file: 'history.json' })
  const { logs } = await kit.bull.queue('listening').getJobLogs(ran.id)
  expect(logs.filter((line) => line.startsWith('rejected: '))).toHaveLength(100)
  expect(logs).toEqual(
    expect.arrayContaining([
      'rejected: line 3, record 2: not_an_object: a record is an object, this is a string',
      'rejected: line 4, record 3: bad_duration: msPlayed -5 is negative',
      expect.stringMatching(/^rejected: line 5, record 4: bad_time: endTime "2019-02-30 25:61" is not a time/),
      '152 more records were rejected',
    ]),
  )
})

test('an upload is found by its id, and importing it again stores nothing twice', async ({ run, write }) => {
  const { records, accepted } = await write({ records: 500, format: 'ndjson' }, 'uploads/up_1')
  expect((await run({ upload: 'up_1' })).result).toMatchObject({ records, accepted })
  expect((await run({ upload: 'up_1' })).result).toMatchObject({ records, accepted: 0, duplicates: records })
})

test('an import that is run again stores only the chunks that are missing', async ({ run, write, kit }) => {
  const expected = await write({ records: 9_000 })
  const first = await run({ file: 'history.json' })
  const job = await kit.bull.queue('listening').getJob(first.id)
  await job?.retry('completed')
  const again = await kit.drain()
  expect(again).toHaveLength(1)
  expect(again[0]).toMatchObject({ id: first.id, state: 'completed', result: expected })
})

test('a file without records completes with nothing', async ({ run, dir, library: _made }) => {
  writeFileSync(join(dir, 'imports', 'empty.json'), '[]')
  expect(await run({ file: 'empty.json' })).toMatchObject({
    state: 'completed',
    result: { records: 0, chunks: 0, span: null },
  })
})

test('a file that is no history is final, in words', async ({ run, dir, library: _made }) => {
  writeFileSync(join(dir, 'imports', 'page.html'), '<html>')
  const ran = await run({ file: 'page.html' })
  expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1 })
  expect(ran.error).toContain('not a listening history: it looks like a web page')
})

test('a chunk that dies fails the import for good; another life for the import stores what was missing', async ({
  write,
  kit,
  library,
}) => {
  const expected = await write({ records: 9_000 })
  const begun = await kit.perform('listening.import', { file: 'history.json' })
  // The file disappears between the scan and the chunks.
  const hidden = library.pathOf
  library.pathOf = () => Promise.reject(new Error('the disk is gone'))
  const failed = (await kit.drain()).findLast(({ id }) => id === begun.id)
  expect(failed).toMatchObject({ state: 'failed', attemptsMade: 1 })
  expect(failed?.error).toMatch(/\d+ chunks were not stored: the disk is gone/)

  library.pathOf = hidden
  const job = await kit.bull.queue('listening').getJob(begun.id)
  await job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
  const revived = (await kit.drain()).findLast(({ id }) => id === begun.id)
  expect(revived).toMatchObject({ state: 'completed', result: expected })
})

describe('what may be read', () => {
  test.for([
    '../secret.json',
    'a/../../secret.json',
    '/etc/passwd',
    '.',
    '..',
    'link.json',
    'linked/secret.json',
    'absent.json',
    'folder',
    'pipe',
  ])('%s is refused for good', async (file, { run, dir, library: _made }) => {
    writeFileSync(join(dir, 'secret.json'), '[]')
    mkdirSync(join(dir, 'elsewhere'))
    writeFileSync(join(dir, 'elsewhere', 'secret.json'), '[]')
    symlinkSync(join(dir, 'secret.json'), join(dir, 'imports', 'link.json'))
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'imports', 'linked'))
    mkdirSync(join(dir, 'imports', 'folder'))
    execFileSync('mkfifo', [join(dir, 'imports', 'pipe')])
    const ran = await run({ file })
    expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1 })
    expect(ran.error).toContain('the file ')
  })

  test('a link that stays inside may be followed', async ({ run, write, dir }) => {
    await write({ records: 10 })
    symlinkSync(join(dir, 'imports', 'history.json'), join(dir, 'imports', 'alias.json'))
    expect((await run({ file: 'alias.json' })).result).toMatchObject({ records: 10 })
  })
})
