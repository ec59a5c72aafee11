// The tables of the listening store, and how a database file is made ready for two processes at once.
import { DatabaseSync } from 'node:sqlite'

/** What identifies a play is the track (artist and title, spelled canonically), the minute it ended in, how long it was
 *  played and, where the export tells, the second it ended in. The basic form tells the minute only: `second` is -1 then,
 *  and such a play is the same as any play of its track, minute and length that is known to the second. So the two forms
 *  of one history count each play once, in whichever order they arrive, while two plays within a minute stay two as long
 *  as an export tells them apart. */
const tables = `
  CREATE TABLE IF NOT EXISTS tracks (
    id INTEGER PRIMARY KEY,
    artist TEXT NOT NULL,
    title TEXT NOT NULL,
    UNIQUE (artist, title)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS plays (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks (id),
    minute INTEGER NOT NULL,
    ms_played INTEGER NOT NULL,
    second INTEGER NOT NULL,
    kind TEXT NOT NULL,
    album TEXT,
    uri TEXT,
    platform TEXT,
    country TEXT,
    skipped INTEGER,
    -- The minute first: histories come in order of time, so the index grows at its end.
    UNIQUE (minute, track_id, ms_played, second)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS imports (
    id INTEGER PRIMARY KEY,
    import_id TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    format TEXT,
    bytes INTEGER,
    records INTEGER,
    chunks INTEGER,
    truncated INTEGER,
    rejects_kept INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE IF NOT EXISTS chunks (
    import INTEGER NOT NULL REFERENCES imports (id),
    chunk INTEGER NOT NULL,
    byte_from INTEGER NOT NULL,
    byte_to INTEGER NOT NULL,
    records INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejected TEXT NOT NULL,
    PRIMARY KEY (import, chunk)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS import_plays (
    import INTEGER NOT NULL REFERENCES imports (id),
    play INTEGER NOT NULL REFERENCES plays (id),
    PRIMARY KEY (import, play)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS rejects (
    import INTEGER NOT NULL REFERENCES imports (id),
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    PRIMARY KEY (import, record)
  ) STRICT, WITHOUT ROWID;
`

/** How long a writer waits for another one's transaction (a few hundredths of a second each). */
const busyMs = 10_000

/** Opens or makes the database. Several processes may do so at once. */
export const openDatabase = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: busyMs })
  try {
    enterWal(db)
    // A chunk touches tracks all over the file: with the default of 2 MB each look-up would go to disk.
    db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000')
    transact(db, () => db.exec(tables))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Changing the journal mode does not wait for others as everything else does, so it is asked for again until the time
 *  is up; once one process has changed it, the others find it done. */
const enterWal = (db: DatabaseSync) => {
  for (const deadline = performance.now() + busyMs; ;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (performance.now() > deadline || !/locked|busy/.test((error as Error).message)) throw error
    }
  }
}

/** Runs `work` as one transaction that holds the write lock from its start: all of it is stored, or nothing. */
export const transact = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const answer = work()
    db.exec('COMMIT')
    return answer
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** A row of the table of imports, as it is read back. */
export type ImportRow = {
  id: number
  import_id: string
  started_at: number
  chunks: number | null
  truncated: number | null
}
