// Reading something anew for all who ask at once: one look at a time, and each sees what was so when it was asked for.

export interface Looking {
  /** Resolves, or fails, with a look that began after the call; calls made during one share the next. */
  readonly look: () => Promise<void>
  /** Resolves when no look is under way or to come, however they end. */
  readonly settled: () => Promise<void>
}

export const createLooking = (read: () => Promise<void>): Looking => {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined

  const begin = (): Promise<void> => {
    next = undefined
    return (current = read().finally(() => (current = undefined)))
  }
  return {
    /** A look that is under way may have been too early for whoever asks now. */
    look() {
      if (next !== undefined) return next
      if (current === undefined) return begin()
      return (next = current.then(begin, begin))
    },
    async settled() {
      await (next ?? current)?.catch(() => undefined)
    },
  }
}
