import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generate } from './generate.ts'
import { countsOf, importInProcess, withFolder } from './testing/import-file.ts'

const recordsMax = 4_000

test('fifty thousand records are imported by one process in five seconds', { timeout: 60_000 }, () =>
  withFolder(async (folder) => {
    const file = join(folder, 'h.json')
    const expected = await generate(file, { records: 50_000, flaws: 0.01 })
    const { report } = await importInProcess(join(folder, 'l.db'), file, 'i', { recordsMax })
    expect(report && countsOf(report.summary)).toEqual(expected)
    expect(report?.ms).toBeLessThan(5_000)
  }),
)

test('a file of 200 MB is imported within 300 MB of memory', { timeout: 180_000 }, () =>
  withFolder(async (folder) => {
    const file = join(folder, 'h.json')
    const expected = await generate(file, { records: 320_000, flaws: 0.01 })
    expect((await stat(file)).size).toBeGreaterThan(200_000_000)
    const { report } = await importInProcess(join(folder, 'l.db'), file, 'i', { recordsMax })
    expect(report && countsOf(report.summary)).toEqual(expected)
    expect(report?.rssMaxBytes).toBeLessThan(300_000_000)
  }),
)
