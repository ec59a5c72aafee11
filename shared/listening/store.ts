// The listening store: plays, rejected records and imports in one SQLite file, each chunk of an import exactly once.
import type { DatabaseSync } from 'node:sqlite'
import type { Chunk } from './chunker.ts'
import { FileChanged, ImportMissing } from './errors.ts'
import { playWriter } from './plays.ts'
import type { Outcome, Reject, RejectReason } from './record.ts'
import type { Scan } from './scan.ts'
import { openDatabase, transact, type ImportRow } from './schema.ts'
import { rejectsOf, summaryOf } from './summary.ts'
import type { RejectedRecord, Summary } from './summary.ts'

export type ImportStart = {
  importId: string
  file: string
  /** Unix time in milliseconds; times of plays are judged by it. Now, when absent. */
  startedAt?: number
}

/** What became of a chunk's records: `accepted + duplicates + ` the sum of `rejected` is `records`. */
export type ChunkCounts = {
  records: number
  /** Plays that were not in the store. */
  accepted: number
  /** Plays that were, from this file or another. */
  duplicates: number
  rejected: Partial<Record<RejectReason, number>>
}

/** A record of a chunk and what was read in it. */
export type Judged = { record: number; line: number; excerpt: string; outcome: Outcome }

export type ListeningStore = {
  /** Registers an import and answers when it started. Repeated for a known import it changes nothing and answers its
   *  first start. */
  begin(start: ImportStart): { startedAt: number }
  /** Throws `ImportMissing` when the import was never begun. */
  startedAt(importId: string): number
  /** Keeps what the scan found, so that the summary can tell what is still missing. */
  scanned(importId: string, scan: Scan): void
  /** What was stored for a chunk; undefined when it was not stored yet. Throws `FileChanged` when the chunk of that
   *  number covered other bytes. */
  stored(importId: string, chunk: Chunk): ChunkCounts | undefined
  /** Stores a chunk in one transaction and answers its counts. For a chunk that is stored already nothing changes and the
   *  first counts are answered, so a job may be repeated at any point. Throws `FileChanged` when the number of records
   *  is not that of the scan. */
  save(importId: string, chunk: Chunk, judged: Iterable<Judged>): ChunkCounts
  /** Numbers of the chunks the scan found that are not stored. */
  missing(importId: string): number[]
  /** Rejected records in file order, 100 at a time; `after` is the last record number of the page before. At most
   *  `rejectsKeptMax` are kept of an import, all are counted. */
  rejects(importId: string, page?: { after?: number; limit?: number }): RejectedRecord[]
  summary(importId: string): Summary
  close(): void
}

/** Most rejected records of one import that are kept with line and reason. */
export const rejectsKeptMax = 100_000

/** Opens the store at `path`, making it when absent. Several processes may write to it at once: they wait for each other,
 *  a chunk at a time, for at most ten seconds. Closing twice is harmless. */
export const openListening = (path: string): ListeningStore => {
  const db = openDatabase(path)
  const imports = importRows(db)
  const chunks = chunkRows(db)
  const writeAll = chunkWriter(db)

  const stored = (importId: string, chunk: Chunk) => chunks.read(imports.ref(importId), chunk)
  return {
    begin: (start) => imports.begin(start),
    startedAt: (importId) => imports.row(importId).started_at,
    scanned: (importId, found) => imports.scanned(importId, found),
    stored,
    save: (importId, chunk, judged) =>
      writeAll.guarded(() =>
        transact(db, () => {
          const ref = imports.ref(importId)
          return chunks.read(ref, chunk) ?? chunks.write(ref, chunk, writeAll.records(ref, chunk, judged))
        }),
      ),
    missing: (importId) => chunks.missing(imports.row(importId)),
    rejects: (importId, page) => rejectsOf(db, imports.ref(importId), page),
    summary: (importId) => summaryOf(db, imports.row(importId)),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

const importRows = (db: DatabaseSync) => {
  const select = db.prepare('SELECT id, import_id, started_at, chunks, truncated FROM imports WHERE import_id = ?')
  const insert = db.prepare('INSERT OR IGNORE INTO imports (import_id, file, started_at) VALUES (?, ?, ?)')
  const update = db.prepare(
    'UPDATE imports SET format = ?, bytes = ?, records = ?, chunks = ?, truncated = ? WHERE import_id = ?',
  )
  const row = (importId: string) => {
    const found = select.get(importId) as ImportRow | undefined
    if (!found) throw new ImportMissing(`no import ${importId} was begun`)
    return found
  }
  return {
    row,
    ref: (importId: string) => row(importId).id,
    begin({ importId, file, startedAt = Date.now() }: ImportStart) {
      insert.run(importId, file, startedAt)
      return { startedAt: row(importId).started_at }
    },
    scanned(importId: string, { format, bytes, records, chunks, truncated }: Scan) {
      row(importId)
      update.run(format, bytes, records, chunks, Number(truncated), importId)
    },
  }
}

type ChunkRow = {
  byte_from: number
  byte_to: number
  records: number
  accepted: number
  duplicates: number
  rejected: string
}

const chunkRows = (db: DatabaseSync) => {
  const select = db.prepare('SELECT * FROM chunks WHERE import = ? AND chunk = ?')
  const numbers = db.prepare('SELECT chunk FROM chunks WHERE import = ?')
  const insert = db.prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  return {
    read(ref: number, chunk: Chunk): ChunkCounts | undefined {
      const row = select.get(ref, chunk.index) as ChunkRow | undefined
      if (!row) return undefined
      if (row.byte_from !== chunk.from || row.byte_to !== chunk.to) {
        throw new FileChanged(`chunk ${chunk.index} was stored for other bytes: the file changed between two scans`)
      }
      const { records, accepted, duplicates, rejected } = row
      return { records, accepted, duplicates, rejected: JSON.parse(rejected) as ChunkCounts['rejected'] }
    },
    write(ref: number, chunk: Chunk, counts: ChunkCounts): ChunkCounts {
      const { records, accepted, duplicates, rejected } = counts
      insert.run(ref, chunk.index, chunk.from, chunk.to, records, accepted, duplicates, JSON.stringify(rejected))
      return counts
    },
    missing({ id, chunks }: ImportRow): number[] {
      const done = new Set((numbers.all(id) as { chunk: number }[]).map((row) => row.chunk))
      return Array.from({ length: chunks ?? 0 }, (_, index) => index).filter((index) => !done.has(index))
    },
  }
}

const chunkWriter = (db: DatabaseSync) => {
  const plays = playWriter(db)
  const rejects = rejectWriter(db)
  return {
    records(ref: number, chunk: Chunk, judged: Iterable<Judged>): ChunkCounts {
      const counts: ChunkCounts = { records: 0, accepted: 0, duplicates: 0, rejected: {} }
      const keep = rejects.open(ref)
      for (const each of judged) {
        counts.records++
        if (!each.outcome.ok) keep(each, each.outcome, counts)
        else if (plays.put(ref, each.outcome.play)) counts.accepted++
        else counts.duplicates++
      }
      if (counts.records === chunk.records) return counts
      throw new FileChanged(`chunk ${chunk.index} holds ${counts.records} records, the scan had found ${chunk.records}`)
    },
    guarded<T>(work: () => T): T {
      try {
        return work()
      } catch (error) {
        plays.forget()
        throw error
      }
    },
  }
}

const rejectWriter = (db: DatabaseSync) => {
  const kept = db.prepare('SELECT rejects_kept AS kept FROM imports WHERE id = ?')
  const count = db.prepare('UPDATE imports SET rejects_kept = rejects_kept + 1 WHERE id = ?')
  const insert = db.prepare('INSERT INTO rejects VALUES (?, ?, ?, ?, ?, ?)')
  return {
    open(ref: number) {
      let room = rejectsKeptMax - (kept.get(ref) as { kept: number }).kept
      return ({ record, line, excerpt }: Judged, { reason, detail }: Reject, { rejected }: ChunkCounts) => {
        rejected[reason] = (rejected[reason] ?? 0) + 1
        if (room-- <= 0) return
        insert.run(ref, record, line, reason, detail, excerpt)
        count.run(ref)
      }
    },
  }
}
