// What is kept of a dead letter between choosing and acting.

/** A dead letter that was chosen: enough to find it, and to tell whether it still lies there since then. */
export interface Selected {
  readonly queue: string
  readonly id: string
  /** Epoch ms. */
  readonly diedAt: number
  /** Its group, where that is known. */
  readonly group?: string
}
