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
  /** Learns what other browsers wrote meanwhile. */
  learn(): Promise<void>
  /** Writes it; what cannot be written is written with the next. */
  write(seen: Seen): Promise<void>
}

export class Looker {
  readonly #ground: Ground
  /** The last time something was done here, and up to when that is written. */
  #movedAt = Number.NEGATIVE_INFINITY
  #writtenAt = Number.NEGATIVE_INFINITY
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
    else if (now - this.#writtenAt >= EVERY_MS) void this.settle()
    return this.#beginning ?? Promise.resolve()
  }

  /** Writes up to when somebody looked, unless that is written: now and then, and when the page is left. */
  async settle(): Promise<void> {
    const until = this.#movedAt
    if (until <= this.#writtenAt) return
    this.#writtenAt = until
    await this.#ground.write({ last_seen_at: new Date(until).toISOString() })
  }

  /** Somebody comes here; whether they come back depends on when they looked last, which may be in another browser. */
  async #begin(): Promise<void> {
    const at = this.#movedAt
    this.#writtenAt = at
    await this.#ground.learn()
    const last = this.#ground.known()
    const came = last !== null && at - Date.parse(last) > AWAY_MS
    // Since when things are new is known from here on; that the server knows it too is not waited for.
    void this.#ground.write({ last_seen_at: new Date(at).toISOString(), ...(came && { seen_before_at: last }) })
  }
}
