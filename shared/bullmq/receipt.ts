// The receipt of a request with an Idempotency-Key: what it was answered, or that it is not answered yet.

/** How long a result is kept, in ms. */
export const KEPT_MS = 86_400_000
/** How long a running request holds its key. It outlives the Redis deadline of a request; a process that died leaves
 *  the key for this long at most, and what it had begun is safe to begin again. */
export const HELD_MS = 3_000
/** Letters of a fingerprint: SHA-256 as base64url. */
export const FINGERPRINT = 43

/** What Redis is to hold at `place`: a letter, the fingerprint of the request, and the rest. The letter is `r` while the request
 *  runs, which has no rest; `d` once it is done, with the reply; and `t` where the reply is told again from the same request and a
 *  few facts. */
export interface Receipt {
  readonly place: string
  readonly text: string
}

/** What a request that was carried out is answered when it comes again. */
export interface Retold<Said> {
  /** What it was answered, if the code that tells has not changed since. Throws where it would be refused by now. */
  told(): Said
  /** What there is to say by now. */
  now(): Promise<Said>
}

/** The same in other words. */
export const inWords = <Said, Other>(again: Retold<Said>, say: (said: Said) => Other): Retold<Other> => ({
  told: () => say(again.told()),
  now: async () => say(await again.now()),
})
