// Test support: imports a whole file in one go, as the jobs of an import do piece by piece.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importChunk, scan } from '../listening.ts'
import type { ChunkTask, ListeningStore, ScanOptions, Summary } from '../listening.ts'

export type Limits = Pick<ScanOptions, 'recordsMax' | 'bytesMax'>

/** Scans a file and answers its chunks as tasks. */
export const tasksOf = async (file: string, importId: string, limits: Limits = {}) => {
  const tasks: ChunkTask[] = []
  const onChunk: ScanOptions['onChunk'] = (chunk, format) =>
    void tasks.push({ ...chunk, file, import_id: importId, format })
  return { tasks, found: await scan(file, { ...limits, onChunk }) }
}

/** Begins, scans, imports every chunk in file order and sums up. */
export const importFile = async (store: ListeningStore, file: string, importId: string, limits: Limits = {}) => {
  store.begin({ importId, file })
  const { tasks, found } = await tasksOf(file, importId, limits)
  store.scanned(importId, found)
  for (const task of tasks) await importChunk(store, task)
  return store.summary(importId)
}

/** The counts of a summary in the shape the generator announces them in. */
export const countsOf = ({ records, accepted, duplicates, rejected }: Summary) => ({
  records,
  accepted,
  duplicates,
  rejected,
})

/** Runs `work` with a directory of its own that is gone afterwards. */
export const withFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'k1n-listening-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const program = join(import.meta.dirname, 'import-process.ts')

export type ProcessReport = { summary: Summary; rssMaxBytes: number; ms: number }

/** Imports in a process of its own, in chunks of `recordsMax`; with `dieInChunk` it kills itself in the middle of storing
 *  that chunk. Answers how the process ended and, when it came that far, what it reported. */
export const importInProcess = async (
  database: string,
  file: string,
  importId: string,
  { recordsMax = 100, dieInChunk = -1 } = {},
) => {
  const args = [program, database, file, importId, String(recordsMax), String(dieInChunk)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const output: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  const text = Buffer.concat(output).toString()
  return { code, signal, report: text === '' ? undefined : (JSON.parse(text) as ProcessReport) }
}
