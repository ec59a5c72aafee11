// Stores plays once: decides for each whether it is new, known, or known less precisely.
import type { DatabaseSync } from 'node:sqlite'
import type { Play } from './record.ts'

/** The second of a play whose export told only the minute. */
const unknownSecond = -1

type Known = { id: number; second: number }

export type Match = { is: 'new' } | { is: 'known'; id: number } | { is: 'refined'; id: number }

/** Compares a play with the stored ones of the same track, minute and length. `refined`: it is the one that was known to
 *  the minute only. */
export const match = (known: readonly Known[], second: number): Match => {
  const exact = known.find((play) => play.second === second)
  if (exact) return { is: 'known', id: exact.id }
  const [first] = known
  if (first === undefined) return { is: 'new' }
  if (second === unknownSecond) return { is: 'known', id: first.id }
  const vague = known.find((play) => play.second === unknownSecond)
  return vague ? { is: 'refined', id: vague.id } : { is: 'new' }
}

export type PlayWriter = {
  /** Answers whether the play was new. To be called within a transaction. */
  put(importRef: number, play: Play): boolean
  /** Forgets what an undone transaction had learnt. */
  forget(): void
}

export const playWriter = (db: DatabaseSync): PlayWriter => {
  const trackOf = tracks(db)
  const find = db.prepare('SELECT id, second FROM plays WHERE minute = ? AND track_id = ? AND ms_played = ?')
  const insert = db.prepare(
    `INSERT INTO plays (track_id, minute, ms_played, second, kind, album, uri, platform, country, skipped)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const refine = db.prepare(
    'UPDATE plays SET second = ?, kind = ?, album = ?, uri = ?, platform = ?, country = ?, skipped = ? WHERE id = ?',
  )
  const link = db.prepare('INSERT OR IGNORE INTO import_plays (import, play) VALUES (?, ?)')

  const store = (track: number, minute: number, second: number, play: Play): Match & { id: number } => {
    const found = match(find.all(minute, track, play.msPlayed) as Known[], second)
    if (found.is === 'refined') refine.run(second, ...details(play), found.id)
    if (found.is !== 'new') return found
    const { lastInsertRowid } = insert.run(track, minute, play.msPlayed, second, ...details(play))
    return { ...found, id: Number(lastInsertRowid) }
  }

  return {
    put(importRef, play) {
      const minute = Math.floor(play.endedAt / 60)
      const second = play.precise ? play.endedAt - minute * 60 : unknownSecond
      const stored = store(trackOf.id(play.artist, play.title), minute, second, play)
      link.run(importRef, stored.id)
      return stored.is === 'new'
    },
    forget: trackOf.forget,
  }
}

const details = ({ kind, album, uri, platform, country, skipped }: Play) =>
  [kind, album, uri, platform, country, skipped === null ? null : Number(skipped)] as const

/** Most tracks whose ids are remembered between records. */
const cacheMax = 50_000

const tracks = (db: DatabaseSync) => {
  const cache = new Map<string, number>()
  const select = db.prepare('SELECT id FROM tracks WHERE artist = ? AND title = ?')
  const insert = db.prepare('INSERT INTO tracks (artist, title) VALUES (?, ?)')
  const read = (artist: string, title: string) =>
    (select.get(artist, title) as { id: number } | undefined)?.id ?? Number(insert.run(artist, title).lastInsertRowid)

  return {
    id(artist: string, title: string): number {
      // Cleaned names hold no control characters, so the separator cannot occur in them.
      const key = `${artist}\n${title}`
      const cached = cache.get(key)
      if (cached !== undefined) return cached
      if (cache.size >= cacheMax) cache.clear()
      const id = read(artist, title)
      cache.set(key, id)
      return id
    },
    forget: () => cache.clear(),
  }
}
