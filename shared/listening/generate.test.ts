import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { expectedOf, generate } from './generate.ts'
import type { GenerateOptions } from './generate.ts'
import { listen } from './listener.ts'
import { withFolder } from './testing/import-file.ts'

const textOf = (options: GenerateOptions) =>
  withFolder(async (folder) => {
    await generate(join(folder, 'h.json'), options)
    return readFile(join(folder, 'h.json'), 'utf8')
  })

test('the same options give the same file, another seed another', async () => {
  const options: GenerateOptions = { records: 300, flaws: 0.2, seed: 3 }
  expect(await textOf(options)).toBe(await textOf(options))
  expect(await textOf({ ...options, seed: 4 })).not.toBe(await textOf(options))
})

test('without flaws every record is a play, and both forms are valid JSON with a record on each line', async () => {
  const basic = JSON.parse(await textOf({ records: 200, form: 'basic' })) as Record<string, unknown>[]
  expect(basic).toHaveLength(200)
  expect(basic.every((record) => typeof record['endTime'] === 'string' && Number(record['msPlayed']) >= 0)).toBe(true)
  const lines = (await textOf({ records: 200, format: 'ndjson' })).trimEnd().split('\n')
  expect(lines.map((line) => typeof (JSON.parse(line) as { ts: unknown }).ts)).toEqual(Array(200).fill('string'))
})

test('with flaws every reason and the repetitions occur, in about the share asked for', () => {
  const { records, accepted, duplicates, rejected } = expectedOf({ records: 20_000, flaws: 0.1, truncate: true })
  expect(accepted / records).toBeCloseTo(0.9, 1)
  expect(duplicates).toBeGreaterThan(300)
  const reasons = ['bad_duration', 'bad_time', 'missing_field', 'no_track', 'not_an_object', 'not_json', 'truncated']
  expect(Object.keys(rejected).sort()).toEqual([...reasons, 'unknown_form', 'wrong_type'])
})

test('podcasts, emoji and skips are among the plays', async () => {
  const text = await textOf({ records: 1_000 })
  expect(text).toMatch(/"spotify_episode_uri":"spotify:episode:/)
  expect(text).toMatch(/🦊/)
  expect(text).toMatch(/"skipped":true/)
})

test('ten million plays are pressed into the years of streaming, none within the second of another', () => {
  const next = listen(1, 10_000_000)
  const ends = Array.from({ length: 10_000 }, () => next(false).endedAt)
  const [first = 0, last = 0] = [ends[0], ends.at(-1)]
  expect(first + (last - first) * 1_000).toBeLessThan(Date.UTC(2026, 0, 1) / 1000)
  expect(new Set(ends).size).toBe(ends.length)
})

const script = join(import.meta.dirname, '..', '..', 'scripts', 'generate-listening.ts')
const run = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args])

test('the script writes the file and prints what it must come to', () =>
  withFolder(async (folder) => {
    const out = join(folder, 'h.json')
    const { stdout } = await run('--records', '50', '--flaws', '0.2', '--expect', '--out', out)
    expect(JSON.parse(stdout)).toEqual(expectedOf({ records: 50, flaws: 0.2 }))
    expect((await readFile(out, 'utf8')).trimEnd().endsWith(']')).toBe(true)
  }))

test.each([
  [['--records', 'many', '--expect'], '--records must be a whole number'],
  [['--flaws', '2', '--expect'], '--flaws must be a number from 0 to 1'],
  [['--form', 'long', '--expect'], '--form must be extended or basic'],
  [['--nonsense'], 'nonsense'],
  [[], '--out or --expect is needed'],
])('the script refuses %j, naming the option', async (args, message) => {
  await expect(run(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) as unknown })
})
