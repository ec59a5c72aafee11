// What an import came to: the counts of its chunks, and the plays it holds seen as a whole.
import type { DatabaseSync } from 'node:sqlite'
import type { RejectReason } from './record.ts'
import type { ImportRow } from './schema.ts'

/** The result of an import. Member names are those of the wire. `records` = `accepted` + `duplicates` + the sum of
 *  `rejected`, over the chunks stored so far. */
export type Summary = {
  import_id: string
  records: number
  /** Plays this import added to the store. */
  accepted: number
  /** Plays the store had already, from an earlier import or an earlier record of this file. */
  duplicates: number
  rejected: Partial<Record<RejectReason, number>>
  /** End of the first and of the last play in the file, new or not; null when it holds none. */
  span: { first: string; last: string } | null
  /** The artists of the file's tracks by number of plays, each play once, new or not; podcasts and audiobooks apart. */
  top_artists: { artist: string; plays: number; ms_played: number }[]
  /** The file broke off: its array was never closed, or its last line is cut in two. */
  truncated: boolean
  /** Chunks the scan found (null before it ended) and chunks stored. */
  chunks: number | null
  chunks_stored: number
}

export type RejectedRecord = { record: number; line: number; reason: RejectReason; detail: string; excerpt: string }

export const summaryOf = (db: DatabaseSync, row: ImportRow): Summary => {
  const { chunks_stored, ...counts } = countsOf(db, row.id)
  return {
    import_id: row.import_id,
    ...counts,
    span: spanOf(db, row.id),
    top_artists: topArtists(db, row.id),
    truncated: row.truncated === 1 || counts.rejected.truncated !== undefined,
    chunks: row.chunks,
    chunks_stored,
  }
}

type CountRow = { records: number; accepted: number; duplicates: number; rejected: string }

const countsOf = (db: DatabaseSync, ref: number) => {
  const total = { records: 0, accepted: 0, duplicates: 0, rejected: {} as Summary['rejected'], chunks_stored: 0 }
  const rows = db.prepare('SELECT records, accepted, duplicates, rejected FROM chunks WHERE import = ?').all(ref)
  for (const row of rows as CountRow[]) {
    total.records += row.records
    total.accepted += row.accepted
    total.duplicates += row.duplicates
    total.chunks_stored++
    addTo(total.rejected, JSON.parse(row.rejected) as Summary['rejected'])
  }
  return total
}

const addTo = (total: Summary['rejected'], more: Summary['rejected']) => {
  for (const [reason, count] of Object.entries(more) as [RejectReason, number][]) {
    total[reason] = (total[reason] ?? 0) + count
  }
}

const spanOf = (db: DatabaseSync, ref: number): Summary['span'] => {
  const row = db
    .prepare(
      `SELECT min(minute * 60 + max(second, 0)) AS first, max(minute * 60 + max(second, 0)) AS last
       FROM import_plays JOIN plays ON plays.id = play WHERE import = ?`,
    )
    .get(ref) as { first: number | null; last: number | null }
  if (row.first === null || row.last === null) return null
  return { first: isoOf(row.first), last: isoOf(row.last) }
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()

const topArtists = (db: DatabaseSync, ref: number): Summary['top_artists'] =>
  db
    .prepare(
      `WITH played AS MATERIALIZED (
         SELECT track_id, count(*) AS plays, sum(ms_played) AS ms_played
         FROM import_plays JOIN plays ON plays.id = play WHERE import = ? AND kind = 'track' GROUP BY track_id
       )
       SELECT artist, sum(plays) AS plays, sum(ms_played) AS ms_played
       FROM played JOIN tracks ON tracks.id = track_id GROUP BY artist ORDER BY 2 DESC, 3 DESC, artist LIMIT 10`,
    )
    .all(ref)
    .map((row) => ({ ...row })) as Summary['top_artists']

/** A page of the rejected records, in file order. */
export const rejectsOf = (
  db: DatabaseSync,
  ref: number,
  { after = 0, limit = 100 }: { after?: number; limit?: number } = {},
): RejectedRecord[] =>
  db
    .prepare(
      `SELECT record, line, reason, detail, excerpt FROM rejects WHERE import = ? AND record > ? ORDER BY record LIMIT ?`,
    )
    .all(ref, after, limit)
    .map((row) => ({ ...row })) as RejectedRecord[]
