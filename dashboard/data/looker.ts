// Up to when somebody looked, and up to when they had looked before they came back. Somebody looks who does something on a page that is
// seen: a page that nobody touches tells nothing, however long it stands open.

/** Who did nothing anywhere for so long was away; what changed since is new to them. */
export const AWAY_MS = 900_000
/** It is written no more often than this. */
export const EVERY_MS = 120_000

export interface Seen {
  last_seen_at?: string
  seen_before_at?: string
}

/** What a looker stands on; in the page that is the preferences, and requests of their own. */
export interface Ground {
  now(): number
  /** Up to when somebody looked, in any browser, as far as this one knows. */
  known(): string | null
  /** Since when things are new to them, as far as this browser knows. */
  since(): string | null
  /** Learns what other browsers wrote meanwhile. */
  learn(): Promise<void>
  /** Writes it; throws where it cannot be written. */
  write(seen: Seen): Promise<void>
}

export class Looker {
  readonly #ground: Ground
  /** The last time something was done here, when that was to be written last, and up to when it is written. */
  #movedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #writtenAt = Number.NEGATIVE_INFINITY
  /** Since when things are new could not be written. */
  #owesSince = false
  #beginning: Promise<void> | undefined

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** Something was done here. Answers when it is known since when things are new. */
  moved(): Promise<void> {
    const now = this.#ground.now()
    const wasAway = now - this.#movedAt > AWAY_MS
    this.#movedAt = now
    if (wasAway) this.#beginning = this.#begin()
    else if (now - this.#triedAt >= EVERY_MS) void this.settle()
    return this.#beginning ?? Promise.resolve()
  }

  /** Writes up to when somebody looked, unless that is written: now and then, and when the page is left. */
  async settle(): Promise<void> {
    this.#triedAt = this.#movedAt
    // What was written before is learned first: it would be written over.
    await this.#beginning
    const until = this.#movedAt
    const since = this.#owesSince ? this.#ground.since() : null
    if (until > this.#writtenAt) await this.#write(until, since)
  }

  /** What cannot be written is written with the next: nobody can do anything about it, and the page knows it meanwhile. */
  async #write(until: number, since: string | null): Promise<void> {
    const before = this.#writtenAt
    this.#writtenAt = until
    this.#owesSince = false
    try {
      await this.#ground.write({
        last_seen_at: new Date(until).toISOString(),
        ...(since !== null && { seen_before_at: since }),
      })
    } catch {
      this.#writtenAt = before
      this.#owesSince ||= since !== null
    }
  }

  /** Somebody comes here; whether they come back depends on when they looked last, which may be in another browser. */
  async #begin(): Promise<void> {
    const at = (this.#triedAt = this.#movedAt)
    await this.#ground.learn()
    const last = this.#ground.known()
    const came = last !== null && at - Date.parse(last) > AWAY_MS
    // Since when things are new is known from here on; that the server knows it too is not waited for.
    void this.#write(at, came ? last : null)
  }
}
