// Imports one chunk of a listening history: reads its bytes, judges every record, stores the lot at once.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { Chunk } from './chunker.ts'
import { FileChanged } from './errors.ts'
import { readRecord } from './record.ts'
import type { Outcome } from './record.ts'
import { splitter } from './splitter.ts'
import type { Format } from './splitter.ts'
import type { ChunkCounts, Judged, ListeningStore } from './store.ts'
import { excerptMax, excerptOf } from './text.ts'

/** What a job needs to import one chunk: plain JSON. The import must have been begun in the store. */
export type ChunkTask = Chunk & { file: string; import_id: string; format: Format }

export type ChunkOptions = {
  /** Aborting rejects with the signal's reason, and nothing of the chunk is stored. */
  signal?: AbortSignal
  /** Called now and then with the records judged so far and the chunk's total. */
  onProgress?: (records: number, recordsTotal: number) => void
}

/** Imports a chunk and answers what became of its records. A chunk that is stored already is answered from the store
 *  without reading the file again. Throws `FileChanged` when the file is not the one that was scanned. */
export const importChunk = async (
  store: ListeningStore,
  task: ChunkTask,
  options: ChunkOptions = {},
): Promise<ChunkCounts> => {
  options.signal?.throwIfAborted()
  const known = store.stored(task.import_id, task)
  if (known) return known
  const judged = await judge(task, store.startedAt(task.import_id), options)
  options.signal?.throwIfAborted()
  return store.save(task.import_id, task, judged)
}

const judge = async (task: ChunkTask, now: number, options: ChunkOptions): Promise<Judged[]> => {
  if (task.oversize) return [await judgeOversize(task)]
  const bytes = await readRange(task.file, task.from, task.to)
  return judgeAll(task, bytes, now, options)
}

/** Records judged before the event loop gets its turn. */
const stride = 500

const judgeAll = async (task: ChunkTask, bytes: Buffer, now: number, { signal, onProgress }: ChunkOptions) => {
  const judged: Judged[] = []
  const spans = split(task, bytes)
  for (const [index, { start, end, line }] of spans.entries()) {
    const text = bytes.toString('utf8', start - task.from, end - task.from)
    const cut = task.cut && index === spans.length - 1
    judged.push(judgement(task.first_record + index, line, text, readRecord(text, { now, cut })))
    if (judged.length % stride === 0) await pause(signal, () => onProgress?.(judged.length, task.records))
  }
  onProgress?.(judged.length, task.records)
  return judged
}

const pause = async (signal: AbortSignal | undefined, report: () => void) => {
  report()
  await setImmediate()
  signal?.throwIfAborted()
}

const judgement = (record: number, line: number, text: string, outcome: Outcome): Judged => {
  const excerpt = outcome.ok ? '' : excerptOf(text)
  return { record, line, outcome, excerpt }
}

const judgeOversize = async (task: ChunkTask): Promise<Judged> => {
  const head = await readRange(task.file, task.from, task.from + excerptMax)
  const detail = `the record has ${task.to - task.from} bytes`
  const text = head.toString('utf8')
  return judgement(task.first_record, task.first_line, text, { ok: false, reason: 'too_large', detail })
}

type Span = { start: number; end: number; line: number }

/** A chunk never spans two arrays, so reading as if inside one finds the records that the scan found. */
const split = (task: ChunkTask, bytes: Uint8Array): Span[] => {
  const spans: Span[] = []
  const sink = {
    record: (start: number, end: number, line: number) => spans.push({ start, end, line }),
    opened: () => {},
  }
  const records = splitter(task.format, { offset: task.from, line: task.first_line, open: true }, sink)
  records.push(bytes)
  records.finish()
  return spans
}

const readRange = async (file: string, from: number, to: number): Promise<Buffer> => {
  const handle = await open(file)
  try {
    return await readAll(handle, Buffer.allocUnsafe(to - from), from)
  } finally {
    await handle.close()
  }
}

const readAll = async (handle: FileHandle, buffer: Buffer, from: number): Promise<Buffer> => {
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, from + done)
    if (bytesRead === 0) throw new FileChanged('the file is shorter than it was when it was scanned')
    done += bytesRead
  }
  return buffer
}
