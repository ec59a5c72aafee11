// The room of listening histories: scan a file, import its chunks, ask for the summary.
//
//   const store = openListening(path)
//   store.begin({ importId, file })
//   const found = await scan(file, { onChunk: (chunk, format) => tasks.push({ ...chunk, file, import_id: importId, format }) })
//   store.scanned(importId, found)
//   for (const task of tasks) await importChunk(store, task)      // in any order, process and number of times
//   store.summary(importId)
export { importChunk } from './chunk.ts'
export type { ChunkOptions, ChunkTask } from './chunk.ts'
export { recordBytesMax } from './chunker.ts'
export type { Chunk } from './chunker.ts'
export { FileChanged, ImportMissing, NotAHistory } from './errors.ts'
export { readRecord, rejectReasons } from './record.ts'
export type { Outcome, Play, PlayKind, Reject, RejectReason } from './record.ts'
export { scan } from './scan.ts'
export type { Scan, ScanOptions } from './scan.ts'
export type { Format } from './splitter.ts'
export { openListening, rejectsKeptMax } from './store.ts'
export type { ChunkCounts, ListeningStore } from './store.ts'
export type { RejectedRecord, Summary } from './summary.ts'
